package snmp

import (
	"strconv"
	"strings"
)

// object is one node of a MIB that has a name.
type object struct {
	oid  string
	mib  string
	name string
	enum map[int64]string // texts of its values; nil for most
	mac  bool             // its octets are a hardware address
	tick bool             // it counts hundredths of seconds
}

// texts of enumerations that several objects share.
var (
	adminStatus = map[int64]string{1: "up", 2: "down", 3: "testing"}
	operStatus  = map[int64]string{1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "notPresent", 7: "lowerLayerDown"}
	enabled     = map[int64]string{1: "enabled", 2: "disabled"}
	truth       = map[int64]string{1: "true", 2: "false"}
	// rowStatus is how rows of tables are made and removed.
	rowStatus = map[int64]string{1: "active", 2: "notInService", 3: "notReady", 4: "createAndGo", 5: "createAndWait", 6: "destroy"}
	storage   = map[int64]string{1: "other", 2: "volatile", 3: "nonVolatile", 4: "permanent", 5: "readOnly"}
	// ifTypes are those of IANAifType that devices of today have.
	ifTypes = map[int64]string{
		1: "other", 6: "ethernetCsmacd", 23: "ppp", 24: "softwareLoopback", 32: "frameRelay", 37: "atm", 39: "sonet", 53: "propVirtual",
		56: "fibreChannel", 71: "ieee80211", 94: "adsl", 117: "gigabitEthernet", 127: "docsCableMaclayer", 131: "tunnel", 135: "l2vlan", 136: "l3ipvlan",
		150: "mplsTunnel", 161: "ieee8023adLag", 166: "mpls", 209: "bridge", 238: "adsl2plus", 250: "gpon", 251: "vdsl2",
	}
)

// objects are the names of SNMPv2-MIB and IF-MIB, and the three objects of SNMP-COMMUNITY-MIB that proxies add.
var objects = []object{
	{oid: "1.3.6.1.2.1.1.1", mib: v2MIB, name: "sysDescr"},
	{oid: "1.3.6.1.2.1.1.2", mib: v2MIB, name: "sysObjectID"},
	{oid: "1.3.6.1.2.1.1.3", mib: v2MIB, name: "sysUpTime", tick: true},
	{oid: "1.3.6.1.2.1.1.4", mib: v2MIB, name: "sysContact"},
	{oid: "1.3.6.1.2.1.1.5", mib: v2MIB, name: "sysName"},
	{oid: "1.3.6.1.2.1.1.6", mib: v2MIB, name: "sysLocation"},
	{oid: "1.3.6.1.2.1.1.7", mib: v2MIB, name: "sysServices"},
	{oid: "1.3.6.1.2.1.1.8", mib: v2MIB, name: "sysORLastChange", tick: true},
	{oid: "1.3.6.1.2.1.1.9.1.1", mib: v2MIB, name: "sysORIndex"},
	{oid: "1.3.6.1.2.1.1.9.1.2", mib: v2MIB, name: "sysORID"},
	{oid: "1.3.6.1.2.1.1.9.1.3", mib: v2MIB, name: "sysORDescr"},
	{oid: "1.3.6.1.2.1.1.9.1.4", mib: v2MIB, name: "sysORUpTime", tick: true},
	{oid: "1.3.6.1.2.1.11.1", mib: v2MIB, name: "snmpInPkts"},
	{oid: "1.3.6.1.2.1.11.3", mib: v2MIB, name: "snmpInBadVersions"},
	{oid: "1.3.6.1.2.1.11.4", mib: v2MIB, name: "snmpInBadCommunityNames"},
	{oid: "1.3.6.1.2.1.11.5", mib: v2MIB, name: "snmpInBadCommunityUses"},
	{oid: "1.3.6.1.2.1.11.6", mib: v2MIB, name: "snmpInASNParseErrs"},
	{oid: "1.3.6.1.2.1.11.30", mib: v2MIB, name: "snmpEnableAuthenTraps", enum: enabled},
	{oid: "1.3.6.1.2.1.11.31", mib: v2MIB, name: "snmpSilentDrops"},
	{oid: "1.3.6.1.2.1.11.32", mib: v2MIB, name: "snmpProxyDrops"},
	{oid: "1.3.6.1.6.3.1.1.4.1", mib: v2MIB, name: "snmpTrapOID"},
	{oid: "1.3.6.1.6.3.1.1.4.3", mib: v2MIB, name: "snmpTrapEnterprise"},
	{oid: "1.3.6.1.6.3.1.1.5.1", mib: v2MIB, name: "coldStart"},
	{oid: "1.3.6.1.6.3.1.1.5.2", mib: v2MIB, name: "warmStart"},
	{oid: "1.3.6.1.6.3.1.1.5.3", mib: ifMIB, name: "linkDown"},
	{oid: "1.3.6.1.6.3.1.1.5.4", mib: ifMIB, name: "linkUp"},
	{oid: "1.3.6.1.6.3.1.1.5.5", mib: v2MIB, name: "authenticationFailure"},
	{oid: "1.3.6.1.6.3.1.1.5.6", mib: v2MIB, name: "egpNeighborLoss"},
	{oid: "1.3.6.1.6.3.1.1.6.1", mib: v2MIB, name: "snmpSetSerialNo"},
	{oid: "1.3.6.1.6.3.18.1.3", mib: "SNMP-COMMUNITY-MIB", name: "snmpTrapAddress"},
	{oid: "1.3.6.1.6.3.18.1.4", mib: "SNMP-COMMUNITY-MIB", name: "snmpTrapCommunity"},

	{oid: "1.3.6.1.2.1.2.1", mib: ifMIB, name: "ifNumber"},
	{oid: "1.3.6.1.2.1.2.2.1.1", mib: ifMIB, name: "ifIndex"},
	{oid: "1.3.6.1.2.1.2.2.1.2", mib: ifMIB, name: "ifDescr"},
	{oid: "1.3.6.1.2.1.2.2.1.3", mib: ifMIB, name: "ifType", enum: ifTypes},
	{oid: "1.3.6.1.2.1.2.2.1.4", mib: ifMIB, name: "ifMtu"},
	{oid: "1.3.6.1.2.1.2.2.1.5", mib: ifMIB, name: "ifSpeed"},
	{oid: "1.3.6.1.2.1.2.2.1.6", mib: ifMIB, name: "ifPhysAddress", mac: true},
	{oid: "1.3.6.1.2.1.2.2.1.7", mib: ifMIB, name: "ifAdminStatus", enum: adminStatus},
	{oid: "1.3.6.1.2.1.2.2.1.8", mib: ifMIB, name: "ifOperStatus", enum: operStatus},
	{oid: "1.3.6.1.2.1.2.2.1.9", mib: ifMIB, name: "ifLastChange", tick: true},
	{oid: "1.3.6.1.2.1.2.2.1.10", mib: ifMIB, name: "ifInOctets"},
	{oid: "1.3.6.1.2.1.2.2.1.11", mib: ifMIB, name: "ifInUcastPkts"},
	{oid: "1.3.6.1.2.1.2.2.1.12", mib: ifMIB, name: "ifInNUcastPkts"},
	{oid: "1.3.6.1.2.1.2.2.1.13", mib: ifMIB, name: "ifInDiscards"},
	{oid: "1.3.6.1.2.1.2.2.1.14", mib: ifMIB, name: "ifInErrors"},
	{oid: "1.3.6.1.2.1.2.2.1.15", mib: ifMIB, name: "ifInUnknownProtos"},
	{oid: "1.3.6.1.2.1.2.2.1.16", mib: ifMIB, name: "ifOutOctets"},
	{oid: "1.3.6.1.2.1.2.2.1.17", mib: ifMIB, name: "ifOutUcastPkts"},
	{oid: "1.3.6.1.2.1.2.2.1.18", mib: ifMIB, name: "ifOutNUcastPkts"},
	{oid: "1.3.6.1.2.1.2.2.1.19", mib: ifMIB, name: "ifOutDiscards"},
	{oid: "1.3.6.1.2.1.2.2.1.20", mib: ifMIB, name: "ifOutErrors"},
	{oid: "1.3.6.1.2.1.2.2.1.21", mib: ifMIB, name: "ifOutQLen"},
	{oid: "1.3.6.1.2.1.2.2.1.22", mib: ifMIB, name: "ifSpecific"},
	{oid: "1.3.6.1.2.1.31.1.1.1.1", mib: ifMIB, name: "ifName"},
	{oid: "1.3.6.1.2.1.31.1.1.1.2", mib: ifMIB, name: "ifInMulticastPkts"},
	{oid: "1.3.6.1.2.1.31.1.1.1.3", mib: ifMIB, name: "ifInBroadcastPkts"},
	{oid: "1.3.6.1.2.1.31.1.1.1.4", mib: ifMIB, name: "ifOutMulticastPkts"},
	{oid: "1.3.6.1.2.1.31.1.1.1.5", mib: ifMIB, name: "ifOutBroadcastPkts"},
	{oid: "1.3.6.1.2.1.31.1.1.1.6", mib: ifMIB, name: "ifHCInOctets"},
	{oid: "1.3.6.1.2.1.31.1.1.1.7", mib: ifMIB, name: "ifHCInUcastPkts"},
	{oid: "1.3.6.1.2.1.31.1.1.1.8", mib: ifMIB, name: "ifHCInMulticastPkts"},
	{oid: "1.3.6.1.2.1.31.1.1.1.9", mib: ifMIB, name: "ifHCInBroadcastPkts"},
	{oid: "1.3.6.1.2.1.31.1.1.1.10", mib: ifMIB, name: "ifHCOutOctets"},
	{oid: "1.3.6.1.2.1.31.1.1.1.11", mib: ifMIB, name: "ifHCOutUcastPkts"},
	{oid: "1.3.6.1.2.1.31.1.1.1.12", mib: ifMIB, name: "ifHCOutMulticastPkts"},
	{oid: "1.3.6.1.2.1.31.1.1.1.13", mib: ifMIB, name: "ifHCOutBroadcastPkts"},
	{oid: "1.3.6.1.2.1.31.1.1.1.14", mib: ifMIB, name: "ifLinkUpDownTrapEnable", enum: enabled},
	{oid: "1.3.6.1.2.1.31.1.1.1.15", mib: ifMIB, name: "ifHighSpeed"},
	{oid: "1.3.6.1.2.1.31.1.1.1.16", mib: ifMIB, name: "ifPromiscuousMode", enum: truth},
	{oid: "1.3.6.1.2.1.31.1.1.1.17", mib: ifMIB, name: "ifConnectorPresent", enum: truth},
	{oid: "1.3.6.1.2.1.31.1.1.1.18", mib: ifMIB, name: "ifAlias"},
	{oid: "1.3.6.1.2.1.31.1.1.1.19", mib: ifMIB, name: "ifCounterDiscontinuityTime", tick: true},
	{oid: "1.3.6.1.2.1.31.1.2.1.1", mib: ifMIB, name: "ifStackHigherLayer"},
	{oid: "1.3.6.1.2.1.31.1.2.1.2", mib: ifMIB, name: "ifStackLowerLayer"},
	{oid: "1.3.6.1.2.1.31.1.2.1.3", mib: ifMIB, name: "ifStackStatus", enum: rowStatus},
	{oid: "1.3.6.1.2.1.31.1.4.1.1", mib: ifMIB, name: "ifRcvAddressAddress", mac: true},
	{oid: "1.3.6.1.2.1.31.1.4.1.2", mib: ifMIB, name: "ifRcvAddressStatus", enum: rowStatus},
	{oid: "1.3.6.1.2.1.31.1.4.1.3", mib: ifMIB, name: "ifRcvAddressType", enum: storage},
	{oid: "1.3.6.1.2.1.31.1.5", mib: ifMIB, name: "ifTableLastChange", tick: true},
	{oid: "1.3.6.1.2.1.31.1.6", mib: ifMIB, name: "ifStackLastChange", tick: true},
}

// Names of the modules.
const (
	v2MIB = "SNMPv2-MIB"
	ifMIB = "IF-MIB"
)

// index finds objects by their OID. It is made once and only read then.
var index = func() map[string]*object {
	m := make(map[string]*object, len(objects))
	for i := range objects {
		m[objects[i].oid] = &objects[i]
	}
	return m
}()

// find returns the object that an OID is an instance of, nil if it has no name. The instance is what comes behind.
func find(oid string) (o *object, instance string) {
	for at := len(oid); at > 0; at = strings.LastIndexByte(oid[:at], '.') {
		if o := index[oid[:at]]; o != nil {
			return o, strings.TrimPrefix(oid[at:], ".")
		}
	}
	return nil, ""
}

// ticks writes hundredths of seconds as snmptrapd does: 26:19:43:37.24 without its days where there are none.
func ticks(n int64) string {
	s := n / 100
	b := make([]byte, 0, 24)
	if d := s / 86400; d > 0 {
		b = append(strconv.AppendInt(b, d, 10), ':')
	}
	b = append(two(b, s/3600%24), ':')
	b = append(two(b, s/60%60), ':')
	b = append(two(b, s%60), '.')
	return string(two(b, n%100))
}

// two appends a number with two digits.
func two(b []byte, n int64) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
