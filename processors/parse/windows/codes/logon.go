package codes

// logonTypes are how a session came about (event 4624, field Logon Type).
var logonTypes = [...]string{
	0: "System", 2: "Interactive", 3: "Network", 4: "Batch", 5: "Service", 7: "Unlock", 8: "NetworkCleartext",
	9: "NewCredentials", 10: "RemoteInteractive", 11: "CachedInteractive", 12: "CachedRemoteInteractive", 13: "CachedUnlock",
}

// LogonType names a logon type, "" where there is none.
func LogonType(s string) string {
	if n, ok := Number(s); ok && n < uint64(len(logonTypes)) {
		return logonTypes[n]
	}
	return ""
}

// statuses are the reasons for which a logon or a check of a password failed: NTSTATUS values that the events 4625 and 4776
// carry (MS-ERREF, section 2.3, and the notes to these events).
var statuses = map[uint64]string{
	0x00000000: "Status OK.",
	0xC0000022: "Access denied",
	0xC000005E: "There are currently no logon servers available to service the logon request.",
	0xC0000064: "User logon with misspelled or bad user account",
	0xC000006A: "User logon with misspelled or bad password",
	0xC000006D: "This is either due to a bad username or authentication information",
	0xC000006E: "Unknown user name or bad password.",
	0xC000006F: "User logon outside authorized hours",
	0xC0000070: "User logon from unauthorized workstation",
	0xC0000071: "User logon with expired password",
	0xC0000072: "User logon to account disabled by administrator",
	0xC00000DC: "Indicates the Sam Server was in the wrong state to perform the desired operation.",
	0xC0000133: "Clocks between DC and other computer too far out of sync",
	0xC000015B: "The user has not been granted the requested logon type (aka logon right) at this machine",
	0xC000018C: "The logon request failed because the trust relationship between the primary domain and the trusted domain failed.",
	0xC000018D: "The trust relationship between this workstation and the primary domain failed.",
	0xC0000190: "The trust relationship failed",
	0xC0000192: "An attempt was made to logon, but the Netlogon service was not started.",
	0xC0000193: "User logon with expired account",
	0xC0000199: "The account used is a computer account",
	0xC0000224: "User is required to change password at next logon",
	0xC0000225: "Evidently a bug in Windows and not a risk",
	0xC0000234: "User logon with account locked",
	0xC00002EE: "Failure Reason: An Error occurred during Logon",
	0xC0000371: "The local account store does not contain secret material for the specified account",
	0xC0000413: "Logon Failure: The machine you are logging onto is protected by an authentication firewall. The specified account is not allowed to authenticate to the machine.",
	0x80090302: "The function requested is not supported",
	0x80090308: "The token supplied to the function is invalid",
	0x8009030C: "The logon attempt failed",
	0x8009030E: "No credentials are available in the security package",
}

// Status returns the words for the status or substatus of a logon, "" for one that has none.
func Status(s string) string {
	if n, ok := Number(s); ok {
		return statuses[n]
	}
	return ""
}

// sids are the accounts and groups that are the same on every machine (Well-known SIDs).
var sids = map[string]string{
	"S-1-0-0": "Nobody", "S-1-1-0": "Everyone", "S-1-2-0": "Local", "S-1-2-1": "Console Logon", "S-1-3-0": "Creator Owner",
	"S-1-3-1": "Creator Group", "S-1-3-4": "Owner Rights", "S-1-5-1": "Dialup", "S-1-5-2": "Network", "S-1-5-3": "Batch",
	"S-1-5-4": "Interactive", "S-1-5-6": "Service", "S-1-5-7": "Anonymous Logon", "S-1-5-9": "Enterprise Domain Controllers",
	"S-1-5-10": "Principal Self", "S-1-5-11": "Authenticated Users", "S-1-5-12": "Restricted Code",
	"S-1-5-13": "Terminal Server Users", "S-1-5-14": "Remote Interactive Logon", "S-1-5-15": "This Organization",
	"S-1-5-17": "IUSR", "S-1-5-18": "Local System", "S-1-5-19": "Local Service", "S-1-5-20": "Network Service",
	"S-1-5-32-544": "Administrators", "S-1-5-32-545": "Users", "S-1-5-32-546": "Guests", "S-1-5-32-547": "Power Users",
	"S-1-5-32-548": "Account Operators", "S-1-5-32-549": "Server Operators", "S-1-5-32-550": "Print Operators",
	"S-1-5-32-551": "Backup Operators", "S-1-5-32-552": "Replicator", "S-1-5-32-554": "Pre-Windows 2000 Compatible Access",
	"S-1-5-32-555": "Remote Desktop Users", "S-1-5-32-556": "Network Configuration Operators",
	"S-1-5-32-557": "Incoming Forest Trust Builders", "S-1-5-32-558": "Performance Monitor Users",
	"S-1-5-32-559": "Performance Log Users", "S-1-5-32-562": "Distributed COM Users", "S-1-5-32-568": "IIS_IUSRS",
	"S-1-5-32-569": "Cryptographic Operators", "S-1-5-32-573": "Event Log Readers",
	"S-1-5-32-574": "Certificate Service DCOM Access", "S-1-5-32-578": "Hyper-V Administrators",
	"S-1-5-32-580": "Remote Management Users", "S-1-16-0": "Untrusted Mandatory Level", "S-1-16-4096": "Low Mandatory Level",
	"S-1-16-8192": "Medium Mandatory Level", "S-1-16-8448": "Medium Plus Mandatory Level",
	"S-1-16-12288": "High Mandatory Level", "S-1-16-16384": "System Mandatory Level",
}

// SID names an account or group that every machine has, "" for any other.
func SID(s string) string { return sids[s] }
