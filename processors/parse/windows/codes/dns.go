package codes

// recordTypes are the types of records that the DNS client names by number (IANA, DNS parameters; 251 and up are of
// questions, and above 65280 Microsoft has its own two).
var recordTypes = map[int]string{
	1: "A", 2: "NS", 3: "MD", 4: "MF", 5: "CNAME", 6: "SOA", 7: "MB", 8: "MG", 9: "MR", 10: "NULL", 11: "WKS", 12: "PTR",
	13: "HINFO", 14: "MINFO", 15: "MX", 16: "TXT", 17: "RP", 18: "AFSDB", 19: "X25", 20: "ISDN", 21: "RT", 22: "NSAP",
	23: "NSAPPTR", 24: "SIG", 25: "KEY", 26: "PX", 27: "GPOS", 28: "AAAA", 29: "LOC", 30: "NXT", 31: "EID", 32: "NIMLOC",
	33: "SRV", 34: "ATMA", 35: "NAPTR", 36: "KX", 37: "CERT", 38: "A6", 39: "DNAME", 40: "SINK", 41: "OPT", 43: "DS",
	44: "SSHFP", 45: "IPSECKEY", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 49: "DHCID", 50: "NSEC3", 51: "NSEC3PARAM",
	52: "TLSA", 53: "SMIMEA", 55: "HIP", 59: "CDS", 60: "CDNSKEY", 61: "OPENPGPKEY", 62: "CSYNC", 64: "SVCB", 65: "HTTPS",
	99: "SPF", 100: "UINFO", 101: "UID", 102: "GID", 103: "UNSPEC", 248: "ADDRS", 249: "TKEY", 250: "TSIG", 251: "IXFR",
	252: "AXFR", 253: "MAILB", 254: "MAILA", 255: "ANY", 256: "URI", 257: "CAA", 65281: "WINS", 65282: "WINSR",
}

// DNSType names a type of records, "" for a number that has no name.
func DNSType(n int) string { return recordTypes[n] }

// dnsStatuses are the results of a lookup that the DNS client of Windows gives (winerror.h, DNS errors; 87 is a bad
// parameter, 1460 a timeout).
var dnsStatuses = map[string]string{
	"0": "SUCCESS", "5": "ERROR_ACCESS_DENIED", "8": "ERROR_NOT_ENOUGH_MEMORY", "13": "ERROR_INVALID_DATA", "14": "ERROR_OUTOFMEMORY",
	"87": "ERROR_INVALID_PARAMETER", "123": "ERROR_INVALID_NAME", "1214": "ERROR_INVALID_NETNAME", "1223": "ERROR_CANCELLED",
	"1460": "ERROR_TIMEOUT", "4312": "ERROR_OBJECT_NOT_FOUND", "9001": "DNS_ERROR_RCODE_FORMAT_ERROR", "9002": "DNS_ERROR_RCODE_SERVER_FAILURE",
	"9003": "DNS_ERROR_RCODE_NAME_ERROR", "9004": "DNS_ERROR_RCODE_NOT_IMPLEMENTED", "9005": "DNS_ERROR_RCODE_REFUSED",
	"9006": "DNS_ERROR_RCODE_YXDOMAIN", "9007": "DNS_ERROR_RCODE_YXRRSET", "9008": "DNS_ERROR_RCODE_NXRRSET",
	"9009": "DNS_ERROR_RCODE_NOTAUTH", "9010": "DNS_ERROR_RCODE_NOTZONE", "9016": "DNS_ERROR_RCODE_BADSIG",
	"9017": "DNS_ERROR_RCODE_BADKEY", "9018": "DNS_ERROR_RCODE_BADTIME", "9501": "DNS_INFO_NO_RECORDS",
	"9502": "DNS_ERROR_BAD_PACKET", "9503": "DNS_ERROR_NO_PACKET", "9504": "DNS_ERROR_RCODE", "9505": "DNS_ERROR_UNSECURE_PACKET",
	"9506": "DNS_REQUEST_PENDING", "9551": "DNS_ERROR_INVALID_TYPE", "9552": "DNS_ERROR_INVALID_IP_ADDRESS",
	"9553": "DNS_ERROR_INVALID_PROPERTY", "9554": "DNS_ERROR_TRY_AGAIN_LATER", "9560": "DNS_ERROR_INVALID_NAME_CHAR",
	"9561": "DNS_ERROR_NUMERIC_NAME", "9565": "DNS_ERROR_INVALID_NAME", "9701": "DNS_ERROR_RECORD_DOES_NOT_EXIST",
	"9702": "DNS_ERROR_RECORD_FORMAT", "9852": "DNS_ERROR_NO_DNS_SERVERS", "10051": "WSAENETUNREACH", "10054": "WSAECONNRESET",
	"10055": "WSAENOBUFS", "10060": "WSAETIMEDOUT", "11001": "WSAHOST_NOT_FOUND", "11002": "WSATRY_AGAIN",
	"11003": "WSANO_RECOVERY", "11004": "WSANO_DATA",
}

// DNSStatus names the result of a lookup, "" for one that has no name.
func DNSStatus(s string) string { return dnsStatuses[s] }
