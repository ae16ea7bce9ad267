package cef

import (
	"weir/event"
	"weir/processors/parse/internal/ends"
	"weir/processors/parse/internal/role"
)

// entry is a key of the format: its full name, and its place in ECS if it has one.
// The full name is what is kept: whoever searches needs to know one spelling, whichever the sender took.
type entry struct {
	name    string
	key     role.Key
	hasRole bool
}

// place makes an entry that means more than its field.
func place(name string, r role.Role, f event.Field, side *ends.Side) entry {
	return entry{name, role.Key{Role: r, Field: f, Side: side}, true}
}

// field makes an entry whose field takes the value as it is.
func field(name string, f event.Field) entry { return place(name, role.Field, f, nil) }

// plain makes an entry that ECS has no place for.
func plain(name string) entry { return entry{name: name} }

// dictionary has the short keys of the format. externalId has no place in ECS: event.id is weir's own.
// It is read by any number of goroutines and written by none.
var dictionary = map[string]entry{
	// Keys of producers, in the order of the format's own list. bytesIn and bytesOut are seen from the source.
	"act":                          field("deviceAction", event.EventAction),
	"app":                          place("applicationProtocol", role.Protocol, event.NetworkProtocol, nil),
	"c6a1":                         plain("deviceCustomIPv6Address1"),
	"c6a1Label":                    plain("deviceCustomIPv6Address1Label"),
	"c6a2":                         plain("deviceCustomIPv6Address2"),
	"c6a2Label":                    plain("deviceCustomIPv6Address2Label"),
	"c6a3":                         plain("deviceCustomIPv6Address3"),
	"c6a3Label":                    plain("deviceCustomIPv6Address3Label"),
	"c6a4":                         plain("deviceCustomIPv6Address4"),
	"c6a4Label":                    plain("deviceCustomIPv6Address4Label"),
	"cat":                          plain("deviceEventCategory"),
	"cfp1":                         plain("deviceCustomFloatingPoint1"),
	"cfp1Label":                    plain("deviceCustomFloatingPoint1Label"),
	"cfp2":                         plain("deviceCustomFloatingPoint2"),
	"cfp2Label":                    plain("deviceCustomFloatingPoint2Label"),
	"cfp3":                         plain("deviceCustomFloatingPoint3"),
	"cfp3Label":                    plain("deviceCustomFloatingPoint3Label"),
	"cfp4":                         plain("deviceCustomFloatingPoint4"),
	"cfp4Label":                    plain("deviceCustomFloatingPoint4Label"),
	"cn1":                          plain("deviceCustomNumber1"),
	"cn1Label":                     plain("deviceCustomNumber1Label"),
	"cn2":                          plain("deviceCustomNumber2"),
	"cn2Label":                     plain("deviceCustomNumber2Label"),
	"cn3":                          plain("deviceCustomNumber3"),
	"cn3Label":                     plain("deviceCustomNumber3Label"),
	"cnt":                          plain("baseEventCount"),
	"cs1":                          plain("deviceCustomString1"),
	"cs1Label":                     plain("deviceCustomString1Label"),
	"cs2":                          plain("deviceCustomString2"),
	"cs2Label":                     plain("deviceCustomString2Label"),
	"cs3":                          plain("deviceCustomString3"),
	"cs3Label":                     plain("deviceCustomString3Label"),
	"cs4":                          plain("deviceCustomString4"),
	"cs4Label":                     plain("deviceCustomString4Label"),
	"cs5":                          plain("deviceCustomString5"),
	"cs5Label":                     plain("deviceCustomString5Label"),
	"cs6":                          plain("deviceCustomString6"),
	"cs6Label":                     plain("deviceCustomString6Label"),
	"destinationDnsDomain":         field("destinationDnsDomain", event.DestinationRegisteredDomain),
	"destinationServiceName":       plain("destinationServiceName"),
	"destinationTranslatedAddress": place("destinationTranslatedAddress", role.NAT, 0, &ends.Destination),
	"destinationTranslatedPort":    place("destinationTranslatedPort", role.Port, event.DestinationNATPort, nil),
	"deviceCustomDate1":            plain("deviceCustomDate1"),
	"deviceCustomDate1Label":       plain("deviceCustomDate1Label"),
	"deviceCustomDate2":            plain("deviceCustomDate2"),
	"deviceCustomDate2Label":       plain("deviceCustomDate2Label"),
	"deviceDirection":              place("deviceDirection", role.Direction, 0, nil),
	"deviceDnsDomain":              plain("deviceDnsDomain"),
	"deviceExternalId":             plain("deviceExternalId"),
	"deviceFacility":               plain("deviceFacility"),
	"deviceInboundInterface":       field("deviceInboundInterface", event.ObserverIngressInterfaceName),
	"deviceNtDomain":               plain("deviceNtDomain"),
	"deviceOutboundInterface":      field("deviceOutboundInterface", event.ObserverEgressInterfaceName),
	"deviceProcessName":            field("deviceProcessName", event.ProcessName),
	"dhost":                        place("destinationHostName", role.Host, event.DestinationDomain, nil),
	"dlat":                         plain("destinationGeoLatitude"),
	"dlong":                        plain("destinationGeoLongitude"),
	"dmac":                         place("destinationMacAddress", role.MAC, event.DestinationMAC, nil),
	"dntdom":                       field("destinationNtDomain", event.DestinationUserDomain),
	"dpid":                         plain("destinationProcessId"),
	"dpriv":                        field("destinationUserPrivileges", event.DestinationUserGroupName),
	"dproc":                        plain("destinationProcessName"),
	"dpt":                          place("destinationPort", role.Port, event.DestinationPort, nil),
	"dst":                          place("destinationAddress", role.Address, event.DestinationIP, &ends.Destination),
	"dtz":                          field("deviceTimeZone", event.EventTimezone),
	"duid":                         field("destinationUserId", event.DestinationUserID),
	"duser":                        place("destinationUserName", role.User, event.DestinationUserName, &ends.Destination),
	"dvc":                          place("deviceAddress", role.IP, event.ObserverIP, nil),
	"dvchost":                      place("deviceHostName", role.Host, event.ObserverHostname, nil),
	"dvcmac":                       place("deviceMacAddress", role.MAC, event.ObserverMAC, nil),
	"dvcpid":                       field("deviceProcessId", event.ProcessPID),
	"end":                          place("endTime", role.Time, event.EventEnd, nil),
	"externalId":                   plain("externalId"),
	"fileCreateTime":               place("fileCreateTime", role.Time, event.FileCreated, nil),
	"fileHash":                     place("fileHash", role.Hash, 0, nil),
	"fileId":                       field("fileId", event.FileInode),
	"fileModificationTime":         place("fileModificationTime", role.Time, event.FileMtime, nil),
	"filePath":                     field("filePath", event.FilePath),
	"filePermission":               field("filePermission", event.FileMode),
	"fileType":                     field("fileType", event.FileType),
	"flexDate1":                    plain("flexDate1"),
	"flexDate1Label":               plain("flexDate1Label"),
	"flexString1":                  plain("flexString1"),
	"flexString1Label":             plain("flexString1Label"),
	"flexString2":                  plain("flexString2"),
	"flexString2Label":             plain("flexString2Label"),
	"fname":                        field("filename", event.FileName),
	"fsize":                        field("fileSize", event.FileSize),
	"in":                           field("bytesIn", event.SourceBytes),
	"msg":                          field("message", event.Message),
	"oldFileHash":                  plain("oldFileHash"),
	"oldFileName":                  plain("oldFileName"),
	"oldFilePath":                  plain("oldFilePath"),
	"out":                          field("bytesOut", event.DestinationBytes),
	"outcome":                      place("eventOutcome", role.Outcome, 0, nil),
	"proto":                        place("transportProtocol", role.Transport, 0, nil),
	"reason":                       field("Reason", event.EventReason),
	"request":                      place("requestUrl", role.URL, 0, nil),
	"requestClientApplication":     field("requestClientApplication", event.UserAgentOriginal),
	"requestContext":               field("requestContext", event.HTTPRequestReferrer),
	"requestCookies":               plain("requestCookies"),
	"requestMethod":                field("requestMethod", event.HTTPRequestMethod),
	"rt":                           place("deviceReceiptTime", role.Time, event.Timestamp, nil),
	"shost":                        place("sourceHostName", role.Host, event.SourceDomain, nil),
	"slat":                         plain("sourceGeoLatitude"),
	"slong":                        plain("sourceGeoLongitude"),
	"smac":                         place("sourceMacAddress", role.MAC, event.SourceMAC, nil),
	"sntdom":                       field("sourceNtDomain", event.SourceUserDomain),
	"sourceDnsDomain":              field("sourceDnsDomain", event.SourceRegisteredDomain),
	"sourceServiceName":            plain("sourceServiceName"),
	"sourceTranslatedAddress":      place("sourceTranslatedAddress", role.NAT, 0, &ends.Source),
	"sourceTranslatedPort":         place("sourceTranslatedPort", role.Port, event.SourceNATPort, nil),
	"spid":                         field("sourceProcessId", event.ProcessPID),
	"spriv":                        field("sourceUserPrivileges", event.SourceUserGroupName),
	"sproc":                        field("sourceProcessName", event.ProcessName),
	"spt":                          place("sourcePort", role.Port, event.SourcePort, nil),
	"src":                          place("sourceAddress", role.Address, event.SourceIP, &ends.Source),
	"start":                        place("startTime", role.Time, event.EventStart, nil),
	"suid":                         field("sourceUserId", event.SourceUserID),
	"suser":                        place("sourceUserName", role.User, event.SourceUserName, &ends.Source),
	"type":                         plain("type"),
	// Keys that agents on the way add.
	"agt":   plain("agentAddress"),
	"ahost": plain("agentHostName"),
	"aid":   plain("agentId"),
	"amac":  plain("agentMacAddress"),
	"art":   plain("agentReceiptTime"),
	"at":    plain("agentType"),
	"atz":   plain("agentTimeZone"),
	"av":    plain("agentVersion"),

	// Keys of vendors that have a plain meaning.
	"ifname":   field("ifname", event.ObserverIngressInterfaceName),
	"inzone":   field("inzone", event.ObserverIngressZone),
	"outzone":  field("outzone", event.ObserverEgressZone),
	"rule_uid": field("rule_uid", event.RuleUuid),
	"method":   field("method", event.HTTPRequestMethod),
}

// fullNames finds entries by the full name, which senders may use as well.
var fullNames = func() map[string]entry {
	m := make(map[string]entry, len(dictionary))
	for _, x := range dictionary {
		m[x.name] = x
	}
	return m
}()

// labelKeys are the labels of custom fields that have a plain meaning, in the form that normal makes.
// Only labels that mean the same at every vendor are here: cs1 is a rule's name at one and a country at the next, and a
// field that is sometimes right is worse than one that is missing.
var labelKeys = map[string]role.Key{
	"rulename":               {Field: event.RuleName},
	"rule":                   {Field: event.RuleName},
	"ruleid":                 {Field: event.RuleID},
	"policy":                 {Field: event.RuleRuleset},
	"policyname":             {Field: event.RuleRuleset},
	"matchedcategory":        {Field: event.RuleCategory},
	"sourceipv6address":      {Role: role.Address, Field: event.SourceIP, Side: &ends.Source},
	"destinationipv6address": {Role: role.Address, Field: event.DestinationIP, Side: &ends.Destination},
	"durationinseconds":      {Role: role.Seconds, Field: event.EventDuration},
	"sourcezone":             {Field: event.ObserverIngressZone},
	"destinationzone":        {Field: event.ObserverEgressZone},
	"url":                    {Role: role.URL, Field: event.URLOriginal},
	"useragent":              {Field: event.UserAgentOriginal},
	"user":                   {Role: role.RootUser, Field: event.UserName},
	"username":               {Role: role.RootUser, Field: event.UserName},
	"virusname":              {Field: event.RuleName},
	"malwarename":            {Field: event.RuleName},
}
