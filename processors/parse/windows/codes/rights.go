package codes

// standardRights are the upper bits of every access mask (ACCESS_MASK).
var standardRights = []flag{
	{0x10000, "DELETE"}, {0x20000, "READ_CONTROL"}, {0x40000, "WRITE_DAC"}, {0x80000, "WRITE_OWNER"}, {0x100000, "SYNCHRONIZE"},
	{0x1000000, "ADS_RIGHT_ACCESS_SYSTEM_SECURITY"}, {0x10000000, "ADS_RIGHT_GENERIC_ALL"},
	{0x20000000, "ADS_RIGHT_GENERIC_EXECUTE"}, {0x40000000, "ADS_RIGHT_GENERIC_WRITE"}, {0x80000000, "ADS_RIGHT_GENERIC_READ"},
}

// directoryRights are the lower bits for objects of Active Directory (ADS_RIGHTS_ENUM).
var directoryRights = []flag{
	{0x1, "Create Child"}, {0x2, "Delete Child"}, {0x4, "List Contents"}, {0x8, "SELF"}, {0x10, "Read Property"},
	{0x20, "Write Property"}, {0x40, "Delete Tree"}, {0x80, "List Object"}, {0x100, "Control Access"},
}

// fileRights are the lower bits for files and folders, keyRights those for keys of the registry.
var (
	fileRights = []flag{
		{0x1, "ReadData (or ListDirectory)"}, {0x2, "WriteData (or AddFile)"},
		{0x4, "AppendData (or AddSubdirectory or CreatePipeInstance)"}, {0x8, "ReadEA"}, {0x10, "WriteEA"},
		{0x20, "Execute/Traverse"}, {0x40, "DeleteChild"}, {0x80, "ReadAttributes"}, {0x100, "WriteAttributes"},
	}
	keyRights = []flag{
		{0x1, "Query key value"}, {0x2, "Set key value"}, {0x4, "Create sub-key"}, {0x8, "Enumerate sub-keys"},
		{0x10, "Notify about changes to keys"}, {0x20, "Create Link"},
	}
)

// AccessMask returns the words for the bits of an access mask. What the lower bits mean depends on the kind of object,
// which events name in ObjectType; without a kind that is known, and in the directory, they are those of the directory.
func AccessMask(s, objectType string) []string {
	mask, ok := Number(s)
	if !ok {
		return nil
	}
	table := directoryRights
	switch objectType {
	case "File":
		table = fileRights
	case "Key":
		table = keyRights
	}
	return append(words(table, mask), words(standardRights, mask)...)
}

// accountFlags are the bits of OldUacValue and NewUacValue (events 4720, 4738, 4741, 4742): those of the SAM, which are not
// the ones of userAccountControl in the directory (MS-SAMR, section 2.2.1.12).
var accountFlags = []flag{
	{0x1, "USER_ACCOUNT_DISABLED"}, {0x2, "USER_HOME_DIRECTORY_REQUIRED"}, {0x4, "USER_PASSWORD_NOT_REQUIRED"},
	{0x8, "USER_TEMP_DUPLICATE_ACCOUNT"}, {0x10, "USER_NORMAL_ACCOUNT"}, {0x20, "USER_MNS_LOGON_ACCOUNT"},
	{0x40, "USER_INTERDOMAIN_TRUST_ACCOUNT"}, {0x80, "USER_WORKSTATION_TRUST_ACCOUNT"}, {0x100, "USER_SERVER_TRUST_ACCOUNT"},
	{0x200, "USER_DONT_EXPIRE_PASSWORD"}, {0x400, "USER_ACCOUNT_AUTO_LOCKED"}, {0x800, "USER_ENCRYPTED_TEXT_PASSWORD_ALLOWED"},
	{0x1000, "USER_SMARTCARD_REQUIRED"}, {0x2000, "USER_TRUSTED_FOR_DELEGATION"}, {0x4000, "USER_NOT_DELEGATED"},
	{0x8000, "USER_USE_DES_KEY_ONLY"}, {0x10000, "USER_DONT_REQUIRE_PREAUTH"}, {0x20000, "USER_PASSWORD_EXPIRED"},
	{0x40000, "USER_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION"}, {0x80000, "USER_NO_AUTH_DATA_REQUIRED"},
	{0x100000, "USER_PARTIAL_SECRETS_ACCOUNT"}, {0x200000, "USER_USE_AES_KEYS"},
}

// AccountFlags returns the words for OldUacValue or NewUacValue.
func AccountFlags(s string) []string {
	mask, ok := Number(s)
	if !ok {
		return nil
	}
	return words(accountFlags, mask)
}

// Trusts of a domain: their kind, direction and attributes (MS-ADTS, sections 6.1.6.7.9, .12 and .15).
var (
	trustTypes = []flag{
		{1, "TRUST_TYPE_DOWNLEVEL"}, {2, "TRUST_TYPE_UPLEVEL"}, {3, "TRUST_TYPE_MIT"}, {4, "TRUST_TYPE_DCE"}, {5, "TRUST_TYPE_AAD"},
	}
	trustDirections = []flag{
		{0, "TRUST_DIRECTION_DISABLED"}, {1, "TRUST_DIRECTION_INBOUND"}, {2, "TRUST_DIRECTION_OUTBOUND"},
		{3, "TRUST_DIRECTION_BIDIRECTIONAL"},
	}
	trustAttributes = []flag{
		{0, "UNDEFINED"}, {1, "TRUST_ATTRIBUTE_NON_TRANSITIVE"}, {2, "TRUST_ATTRIBUTE_UPLEVEL_ONLY"},
		{4, "TRUST_ATTRIBUTE_QUARANTINED_DOMAIN"}, {8, "TRUST_ATTRIBUTE_FOREST_TRANSITIVE"},
		{16, "TRUST_ATTRIBUTE_CROSS_ORGANIZATION"}, {32, "TRUST_ATTRIBUTE_WITHIN_FOREST"},
		{64, "TRUST_ATTRIBUTE_TREAT_AS_EXTERNAL"}, {128, "TRUST_ATTRIBUTE_USES_RC4_ENCRYPTION"},
		{512, "TRUST_ATTRIBUTE_CROSS_ORGANIZATION_NO_TGT_DELEGATION"}, {1024, "TRUST_ATTRIBUTE_PIM_TRUST"},
	}
)

// TrustType names the kind of a trust.
func TrustType(s string) string { return named(trustTypes, s) }

// TrustDirection says which side trusts.
func TrustDirection(s string) string { return named(trustDirections, s) }

// TrustAttribute names the attribute of a trust, where it has one alone.
func TrustAttribute(s string) string { return named(trustAttributes, s) }

// serviceTypes are what the service control manager writes of a new service.
var serviceTypes = []flag{
	{0x1, "Kernel Driver"}, {0x2, "File System Driver"}, {0x4, "Adapter"}, {0x8, "Recognizer Driver"},
	{0x10, "Win32 Own Process"}, {0x20, "Win32 Share Process"}, {0x50, "User Own Process"}, {0x60, "User Share Process"},
	{0x110, "Interactive Own Process"}, {0x120, "Interactive Share Process"},
}

// ServiceType names the kind of a service.
func ServiceType(s string) string { return named(serviceTypes, s) }

// named is word for a number that stands as text.
func named(table []flag, s string) string {
	if n, ok := Number(s); ok {
		return word(table, n)
	}
	return ""
}
