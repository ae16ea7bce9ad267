package asa

import (
	"strings"
	"sync"
)

// securityKeys are the keys of security events (Cisco, Firepower Threat Defense Syslog Messages), so that the names of fields
// that nearly every event has are made once. Others are made when they come.
const securityKeys = `AccessControlRuleAction AccessControlRuleName AccessControlRuleReason ACPolicy ApplicationProtocol
ArchiveDepth ArchiveFileName ArchiveFileStatus ArchiveSHA256 Classification Client ClientVersion ConnectionDuration ConnectionID
DestinationSecurityGroup DestinationSecurityGroupTag DestinationSecurityGroupType DeviceUUID Direction DNSQuery DNSRecordType
DNSResponseType DNS_Sinkhole DNS_TTL DNSSICategory DstIP DstIPDynamicAttribute DstPort EgressInterface EgressVRF EgressZone
EncryptPeerIP EncryptedVisibilityConfidence EncryptedVisibilityFingerprint EncryptedVisibilityProcessName EncryptedVisibilityThreat
EventPriority FileAction FileCount FileDirection FileName FilePolicy FileSandboxStatus FileSHA256 FileSize FileStorageStatus FileType
FirstPacketSecond GID HitCount HTTPReferer HTTPResponse HTTP_Hostname HTTP_URI ICMPCode ICMPType IngressInterface IngressVRF
IngressZone InitiatorBytes InitiatorPackets InlineResult InlineResultReason InstanceID IntrusionPolicy IOC IPReputationSICategory
IPSCount Message MitreAttackGroups MPLS_Label NAPPolicy NAT_InitiatorIP NAT_InitiatorPort NAT_ResponderIP NAT_ResponderPort
NetBIOSDomain NumIOC NumericIPSID Priority Protocol ReferencedHost ResponderBytes ResponderPackets Revision SecIntMatchingIP
SensorType SHA_Disposition SID SnortRuleGroups SourceSecurityGroup SourceSecurityGroupTag SourceSecurityGroupType SperoDisposition
SrcIP SrcIPDynamicAttribute SrcPort SSLActualAction SSLCertificate SSLCipherSuite SSLExpectedAction SSLFlowFlags SSLFlowMessages
SSLFlowStatus SSLPolicy SSLRuleName SSLServerCertStatus SSLServerName SSLSessionID SSLTicketID SSLURLCategory SSLVersion TCPFlags
ThreatName ThreatScore TunnelOrPrefilterRule URI URL URLCategory URLReputation URLSICategory User UserAgent UserAuthenticationType
UserDomain VLAN_ID VPN_Action WebApplication`

// keyNames makes the names of the known keys on first use.
var keyNames = sync.OnceValue(func() map[string]string {
	m := map[string]string{"Prefilter Policy": "prefilter_policy", "Endpoint Profile": "endpoint_profile"}
	for key := range strings.FieldsSeq(securityKeys) {
		m[key] = keyName(key)
	}
	return m
})

// keyName writes a key as a name of a field: ACPolicy and Prefilter Policy become ac_policy and prefilter_policy. A new word
// begins with a capital behind a small letter or a digit, and with the last capital of several that a small letter follows.
func keyName(key string) string {
	b := make([]byte, 0, len(key)+8)
	for i := 0; i < len(key); i++ {
		c := key[i]
		if c == ' ' || c == '_' {
			if len(b) > 0 && b[len(b)-1] != '_' {
				b = append(b, '_')
			}
			continue
		}
		capital := c >= 'A' && c <= 'Z'
		if capital {
			if i > 0 && len(b) > 0 && b[len(b)-1] != '_' && (!isCapital(key[i-1]) || i+1 < len(key) && key[i+1] >= 'a' && key[i+1] <= 'z') {
				b = append(b, '_')
			}
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return string(b)
}

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }

// fieldOf returns the name of a key's field below cisco.ftd.security.
func fieldOf(key string) string {
	if name, ok := keyNames()[key]; ok {
		return name
	}
	return keyName(key)
}
