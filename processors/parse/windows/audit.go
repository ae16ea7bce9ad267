package windows

import "weir/event"

// role says what the names of an event's data mean: Microsoft uses the same names for different things.
type role uint32

const (
	// People and groups.
	subject   role = 1 << iota // Subject...: who did it
	account                    // Target...: who it is about, and who did it (logons)
	target                     // Target...: the account that it was done to
	effective                  // Target...: as whom it was done
	group                      // Target...: a group
	member                     // Member...: who was added to the group or taken out
	computer                   // Target...: the account of a computer
	// What acted, and from where.
	process // ProcessName, ProcessId
	caller  // CallerProcessName, CallerProcessId
	source  // IpAddress, IpPort, WorkstationName
	logon   // LogonType, Status, SubStatus, FailureReason
	// Numbers that are put into words, and objects.
	kerberos // TicketOptions, TicketEncryptionType, Status
	service  // ServiceName, ServiceType
	object   // ObjectType, ObjectName
	access   // AccessMask, AccessList
	flags    // OldUacValue, NewUacValue
	trust    // TdoType, TdoDirection, TdoAttributes
	policy   // CategoryId, SubcategoryId, AuditPolicyChanges
	packet   // SourceAddress, DestAddress, Protocol, ...
	share    // ShareName, RelativeTargetName
	session  // AccountName, ClientName, ClientAddress
	create   // NewProcessName, ...
	rename   // OldTargetUserName, NewTargetUserName
	client   // ClientProcessId
)

// audit is what an event of the auditing means: what was done, of what kind that is in ECS, and whose names it has.
type audit struct {
	action   string
	category event.Value
	typ      event.Value
	roles    role
}

// Kinds of events, made once: an event copies them.
var (
	inIAM        = event.Strs("iam")
	inConfig     = event.Strs("configuration")
	inIAMConfig  = event.Strs("iam", "configuration")
	inAuth       = event.Strs("authentication")
	inAuthSess   = event.Strs("authentication", "session")
	inProcess    = event.Strs("process")
	inNetwork    = event.Strs("network")
	inFile       = event.Strs("file")
	inDriver     = event.Strs("driver")
	inRegistry   = event.Strs("configuration", "registry")
	inMalware    = event.Strs("malware")
	inHost       = event.Strs("host")
	inSession    = event.Strs("session")
	inPackage    = event.Strs("package")
	isAdmin      = event.Strs("admin")
	isAdmChange  = event.Strs("admin", "change")
	isChgAdmin   = event.Strs("change", "admin")
	isAdmCreate  = event.Strs("admin", "creation")
	isCreateAdm  = event.Strs("creation", "admin")
	isAdmDelete  = event.Strs("admin", "deletion")
	isDeleteAdm  = event.Strs("deletion", "admin")
	isStart      = event.Strs("start")
	isEnd        = event.Strs("end")
	isChange     = event.Strs("change")
	isCreation   = event.Strs("creation")
	isDeletion   = event.Strs("deletion")
	isAccess     = event.Strs("access")
	isInfo       = event.Strs("info")
	isError      = event.Strs("error")
	isUserCreate = event.Strs("user", "creation")
	isUserChange = event.Strs("user", "change")
	isUserDelete = event.Strs("user", "deletion")
	isUserInfo   = event.Strs("user", "info")
	isGrpCreate  = event.Strs("group", "creation")
	isGrpChange  = event.Strs("group", "change")
	isGrpDelete  = event.Strs("group", "deletion")
	isGrpInfo    = event.Strs("group", "info")
	isNetAllow   = event.Strs("connection", "info", "allowed")
	isNetDeny    = event.Strs("connection", "info", "denied")
	isNetStart   = event.Strs("start", "connection", "protocol")
	isDNS        = event.Strs("connection", "protocol", "info")
	isAccessErr  = event.Strs("access", "denied")
	isInstall    = event.Strs("installation")
)

// audits are the events of Microsoft-Windows-Security-Auditing and those of the log itself, by number, after "Advanced
// security audit policy settings" and "Appendix L: Events to Monitor". The names of actions are those that Elastic's
// documents have, so that dashboards and rules go on to work.
var audits = map[int]*audit{
	// The log itself. These come from Microsoft-Windows-Eventlog, with user data in place of event data. That somebody cleared
	// the audit is the last event that the old one gives away.
	1100: {"logging-service-shutdown", inProcess, isEnd, 0},
	1102: {"audit-log-cleared", inIAM, isAdmChange, subject},
	1104: {"logging-full", inIAM, isAdmin, 0},
	1105: {"auditlog-archieved", inIAM, isAdmin, 0},
	1108: {"logging-processing-error", inIAM, isAdmin, 0},

	// The system: it starts and stops, and what loads itself into the process that checks passwords.
	4608: {"windows-started", inHost, isStart, 0},
	4609: {"windows-shutdown", inHost, isEnd, 0},
	4610: {"authentication-package-loaded", inConfig, isInfo, subject},
	4611: {"trusted-logon-process-registered", inConfig, isInfo, subject},
	4614: {"notification-package-loaded", inConfig, isInfo, subject},
	4616: {"system-time-changed", inConfig, isChange, subject | process},
	4622: {"security-package-loaded", inConfig, isInfo, subject},

	// Logons. The target is who logs on; the subject is the process that asked for it, mostly the machine's own account. A logon
	// with other credentials (4648) is the other way round: the subject acts, as the target.
	4624: {"logged-in", inAuth, isStart, account | process | source | logon},
	4625: {"logon-failed", inAuth, isStart, account | process | source | logon},
	4626: {"user-claims", inAuth, isInfo, account | logon},
	4627: {"group-membership-information", inIAM, isGrpInfo, account | logon},
	4634: {"logged-out", inAuth, isEnd, account | logon},
	4647: {"logged-out", inAuth, isEnd, account | logon},
	4648: {"logged-in-explicit", inAuth, isStart, subject | effective | process | source},
	4649: {"replay-attack-detected", inAuth, isInfo, subject | target | process},
	4672: {"logged-in-special", inIAM, isAdmin, subject},
	4675: {"sids-filtered", inAuth, isInfo, account},
	4778: {"session-reconnected", inAuthSess, isStart, session},
	4779: {"session-disconnected", inAuthSess, isEnd, session},
	4800: {"workstation-locked", inAuthSess, isEnd, account},
	4801: {"workstation-unlocked", inAuthSess, isStart, account},
	4964: {"logged-in-special", inIAM, isAdmin, account},

	// Kerberos and NTLM, on domain controllers. The address is that of the client, as an IPv6 address that holds one of
	// version 4; ports of 0 and ::1 are the controller itself.
	4768: {"kerberos-authentication-ticket-requested", inAuth, isStart, account | source | kerberos | service},
	4769: {"kerberos-service-ticket-requested", inAuth, isStart, account | source | kerberos | service},
	4770: {"kerberos-service-ticket-renewed", inAuth, isStart, account | source | kerberos | service},
	4771: {"kerberos-preauth-failed", inAuth, isStart, account | source | kerberos | service},
	4772: {"kerberos-authentication-ticket-failed", inAuth, isStart, account | source | kerberos | service},
	4773: {"kerberos-service-ticket-failed", inAuth, isStart, account | source | kerberos | service},
	4774: {"account-mapped", inAuth, isInfo, account},
	4776: {"credential-validated", inAuth, isStart, account | logon},
	4777: {"credential-validation-failed", inAuth, isStart, account | logon},

	// Objects and rights to them. Whether an object is a file, a key or something else stands in the event; the category
	// here is that of files, which nearly all of them are, and fillObject mends it for keys.
	4656: {"object-handle-requested", inFile, isAccess, subject | process | object | access},
	4657: {"registry-value-modified", inRegistry, isChange, subject | process | object},
	4658: {"object-handle-closed", inFile, isAccess, subject | process | object},
	4660: {"object-deleted", inFile, isDeletion, subject | process | object},
	4661: {"object-handle-requested", inIAM, isAccess, subject | process | object | access},
	4662: {"object-operation-performed", inIAMConfig, isAdmChange, subject | access},
	4663: {"object-access-attempted", inFile, isAccess, subject | process | object | access},
	4664: {"hard-link-created", inFile, isCreation, subject},
	4670: {"permissions-changed", inIAMConfig, isAdmChange, subject | process | object},
	4690: {"object-handle-duplicated", inFile, isAccess, subject},
	4691: {"object-access-indirect", inFile, isAccess, subject | object | access},
	4907: {"audit-setting-changed", inIAMConfig, isAdmChange, subject | process | object},
	5140: {"network-share-object-accessed", inFile, isAccess, subject | source | share | access},
	5142: {"network-share-object-added", inFile, isCreation, subject | share},
	5143: {"network-share-object-modified", inFile, isChange, subject | share},
	5144: {"network-share-object-deleted", inFile, isDeletion, subject | share},
	5145: {"network-share-object-access-checked", inFile, isAccess, subject | source | share | access},

	// Privileges and processes. Of a new process ProcessId is the number of its parent, in events of all others it is its own.
	4673: {"privileged-service-called", inIAM, isAdmin, subject | process},
	4674: {"privileged-operation", inIAM, isAdmin, subject | process | object | access},
	4688: {"created-process", inProcess, isStart, subject | create},
	4689: {"exited-process", inProcess, isEnd, subject | process},
	4692: {"data-protection-backup", inIAM, isAdmin, subject},
	4693: {"data-protection-recovery", inIAM, isAdmin, subject},
	4696: {"primary-token-assigned", inProcess, isInfo, subject | process},
	4703: {"token-right-adjusted", inIAM, isAdmChange, subject | process},

	// Services and tasks: the two ways to have a program started again. Tasks hold their whole definition as XML.
	4697: {"service-installed", inIAMConfig, isAdmChange, subject | service},
	4698: {"scheduled-task-created", inIAMConfig, isCreateAdm, subject},
	4699: {"scheduled-task-deleted", inIAMConfig, isDeleteAdm, subject},
	4700: {"scheduled-task-enabled", inIAMConfig, isChgAdmin, subject},
	4701: {"scheduled-task-disabled", inIAMConfig, isChgAdmin, subject},
	4702: {"scheduled-task-updated", inIAMConfig, isChgAdmin, subject},

	// Accounts. The subject changes the target. Disabling one counts as a deletion, as in Elastic's documents: the account
	// cannot be used any more.
	4720: {"added-user-account", inIAM, isUserCreate, subject | target | flags},
	4722: {"enabled-user-account", inIAM, isUserChange, subject | target},
	4723: {"changed-password", inIAM, isUserChange, subject | target},
	4724: {"reset-password", inIAM, isUserChange, subject | target},
	4725: {"disabled-user-account", inIAM, isUserDelete, subject | target},
	4726: {"deleted-user-account", inIAM, isUserDelete, subject | target},
	4738: {"modified-user-account", inIAM, isUserChange, subject | target | flags},
	4740: {"locked-out-user-account", inIAM, isUserChange, subject | target},
	4765: {"sid-history-added", inIAM, isUserChange, subject | target},
	4766: {"sid-history-failed", inIAM, isUserChange, subject | target},
	4767: {"unlocked-user-account", inIAM, isUserChange, subject | target},
	4780: {"acl-set-on-admin-accounts", inIAM, isUserChange, subject | target},
	4781: {"renamed-user-account", inIAM, isUserChange, subject | rename},
	4782: {"password-hash-accessed", inIAM, isUserInfo, subject | target},
	4793: {"password-policy-api-called", inIAM, isInfo, subject},
	4794: {"directory-restore-password-set", inIAM, isAdmChange, subject},
	4797: {"query-existence-of-blank-password", inIAM, isUserInfo, subject | target},
	4798: {"group-membership-enumerated", inIAM, isUserInfo, subject | target | caller},
	4741: {"added-computer-account", inIAM, isCreateAdm, subject | computer | flags},
	4742: {"changed-computer-account", inIAM, isChgAdmin, subject | computer | flags},
	4743: {"deleted-computer-account", inIAM, isDeleteAdm, subject | computer},

	// Groups: of security, local, global and universal, then of distribution. The target is the group; the member is told by
	// its distinguished name and its SID, of which local groups have the SID alone.
	4727: {"added-group-account", inIAM, isGrpCreate, subject | group},
	4728: {"added-member-to-group", inIAM, isGrpChange, subject | group | member},
	4729: {"removed-member-from-group", inIAM, isGrpChange, subject | group | member},
	4730: {"deleted-group-account", inIAM, isGrpDelete, subject | group},
	4731: {"added-group-account", inIAM, isGrpCreate, subject | group},
	4732: {"added-member-to-group", inIAM, isGrpChange, subject | group | member},
	4733: {"removed-member-from-group", inIAM, isGrpChange, subject | group | member},
	4734: {"deleted-group-account", inIAM, isGrpDelete, subject | group},
	4735: {"modified-group-account", inIAM, isGrpChange, subject | group},
	4737: {"modified-group-account", inIAM, isGrpChange, subject | group},
	4754: {"added-group-account", inIAM, isGrpCreate, subject | group},
	4755: {"modified-group-account", inIAM, isGrpChange, subject | group},
	4756: {"added-member-to-group", inIAM, isGrpChange, subject | group | member},
	4757: {"removed-member-from-group", inIAM, isGrpChange, subject | group | member},
	4758: {"deleted-group-account", inIAM, isGrpDelete, subject | group},
	4764: {"type-changed-group-account", inIAM, isGrpChange, subject | group},
	4799: {"user-member-enumerated", inIAM, isGrpInfo, subject | group | caller},
	4744: {"added-distribution-group-account", inIAM, isGrpCreate, subject | group},
	4745: {"changed-distribution-group-account", inIAM, isGrpChange, subject | group},
	4746: {"added-member-to-distribution-group", inIAM, isGrpChange, subject | group | member},
	4747: {"removed-member-from-distribution-group", inIAM, isGrpChange, subject | group | member},
	4748: {"deleted-distribution-group-account", inIAM, isGrpDelete, subject | group},
	4749: {"added-distribution-group-account", inIAM, isGrpCreate, subject | group},
	4750: {"changed-distribution-group-account", inIAM, isGrpChange, subject | group},
	4751: {"added-member-to-distribution-group", inIAM, isGrpChange, subject | group | member},
	4752: {"removed-member-from-distribution-group", inIAM, isGrpChange, subject | group | member},
	4753: {"deleted-distribution-group-account", inIAM, isGrpDelete, subject | group},
	4759: {"added-distribution-group-account", inIAM, isGrpCreate, subject | group},
	4760: {"changed-distribution-group-account", inIAM, isGrpChange, subject | group},
	4761: {"added-member-to-distribution-group", inIAM, isGrpChange, subject | group | member},
	4762: {"removed-member-from-distribution-group", inIAM, isGrpChange, subject | group | member},
	4763: {"deleted-distribution-group-account", inIAM, isGrpDelete, subject | group},

	// Policies: rights of users, trusts of the domain, what is audited. Who does this to a machine rules it, or blinds it.
	4704: {"user-right-assigned", inIAMConfig, isAdmChange, subject},
	4705: {"user-right-removed", inIAMConfig, isAdmDelete, subject},
	4706: {"domain-trust-added", inConfig, isCreation, subject | trust},
	4707: {"domain-trust-removed", inConfig, isDeletion, subject},
	4713: {"kerberos-policy-changed", inConfig, isChange, subject},
	4714: {"encrypted-data-recovery-policy-changed", inConfig, isChange, subject},
	4715: {"object-audit-policy-changed", inIAMConfig, isAdmChange, subject},
	4716: {"trusted-domain-information-changed", inConfig, isChange, subject | trust},
	4717: {"system-security-access-granted", inIAMConfig, isAdmChange, subject},
	4718: {"system-security-access-removed", inIAMConfig, isAdmDelete, subject},
	4719: {"changed-audit-config", inIAMConfig, isAdmChange, subject | policy},
	4739: {"domain-policy-changed", inConfig, isChange, subject},
	4817: {"object-audit-changed", inIAMConfig, isAdmChange, subject},
	4902: {"user-audit-policy-created", inIAMConfig, isAdmCreate, 0},
	4904: {"security-event-source-added", inIAMConfig, isAdmChange, subject | process},
	4905: {"security-event-source-removed", inIAMConfig, isAdmDelete, subject | process},
	4906: {"crash-on-audit-changed", inIAMConfig, isAdmChange, 0},
	4908: {"special-group-table-changed", inIAMConfig, isAdmChange, 0},
	4912: {"per-user-audit-policy-changed", inIAMConfig, isAdmChange, subject | policy},

	// The directory: changes to its objects, and replication between controllers.
	5136: {"directory-service-object-modified", inIAMConfig, isAdmChange, subject},
	5137: {"directory-service-object-created", inIAMConfig, isAdmCreate, subject},
	5138: {"directory-service-object-undeleted", inIAMConfig, isAdmChange, subject},
	5139: {"directory-service-object-moved", inIAMConfig, isAdmChange, subject},
	5141: {"directory-service-object-deleted", inIAMConfig, isAdmDelete, subject},
	4928: {"directory-replica-source-established", inConfig, isChange, 0},
	4929: {"directory-replica-source-removed", inConfig, isChange, 0},
	4932: {"directory-replication-started", inConfig, isStart, 0},
	4933: {"directory-replication-ended", inConfig, isEnd, 0},

	// The firewall and the filtering platform. Those of packets and connections are many: one for each that is let through,
	// where that is audited at all.
	4946: {"windows-firewall-rule-added", inConfig, isCreation, 0},
	4947: {"windows-firewall-rule-modified", inConfig, isChange, 0},
	4948: {"windows-firewall-rule-deleted", inConfig, isDeletion, 0},
	4950: {"windows-firewall-setting-changed", inConfig, isChange, 0},
	4954: {"windows-firewall-group-policy-changed", inConfig, isChange, 0},
	5024: {"windows-firewall-service-started", inProcess, isStart, 0},
	5025: {"windows-firewall-service-stopped", inProcess, isEnd, 0},
	5027: {"windows-firewall-policy-unavailable", inConfig, isError, 0},
	5028: {"windows-firewall-policy-unparsed", inConfig, isError, 0},
	5029: {"windows-firewall-driver-failed", inProcess, isError, 0},
	5030: {"windows-firewall-service-failed", inProcess, isError, 0},
	5031: {"windows-firewall-application-blocked", inNetwork, isNetDeny, packet},
	5033: {"windows-firewall-driver-started", inDriver, isStart, 0},
	5034: {"windows-firewall-driver-stopped", inDriver, isEnd, 0},
	5035: {"windows-firewall-driver-failed", inDriver, isError, 0},
	5037: {"windows-firewall-driver-error", inDriver, isError, 0},
	5150: {"windows-firewall-packet-block", inNetwork, isNetDeny, packet},
	5151: {"windows-firewall-packet-block", inNetwork, isNetDeny, packet},
	5152: {"windows-firewall-packet-drop", inNetwork, isNetDeny, packet},
	5153: {"windows-firewall-packet-veto", inNetwork, isNetDeny, packet},
	5154: {"windows-firewall-listen", inNetwork, isNetAllow, packet},
	5155: {"windows-firewall-listen-block", inNetwork, isNetDeny, packet},
	5156: {"windows-firewall-connection", inNetwork, isNetAllow, packet},
	5157: {"windows-firewall-connection-block", inNetwork, isNetDeny, packet},
	5158: {"windows-firewall-bind", inNetwork, isNetAllow, packet},
	5159: {"windows-firewall-bind-block", inNetwork, isNetDeny, packet},

	// Cryptography, the integrity of code, saved credentials, devices, network policies.
	5038: {"code-integrity-invalid-hash", inFile, isError, 0},
	6281: {"code-integrity-invalid-page-hash", inFile, isError, 0},
	5058: {"key-file-operation", inFile, isAccess, subject | client},
	5059: {"key-migration-operation", inFile, isAccess, subject | client},
	5061: {"cryptographic-operation", inIAM, isInfo, subject},
	5376: {"credential-manager-credentials-were-backed-up", inIAM, isUserInfo, subject},
	5377: {"credential-manager-credentials-were-restored", inIAM, isUserChange, subject},
	5379: {"credential-manager-credentials-were-read", inIAM, isUserInfo, subject | client},
	5380: {"vault-credential-find", inIAM, isUserInfo, subject | client},
	5381: {"vault-credentials-were-read", inIAM, isUserInfo, subject | client},
	5382: {"vault-credentials-were-read", inIAM, isUserInfo, subject | client},
	6416: {"external-device-recognized", inHost, isInfo, subject},
	6419: {"device-disable-requested", inHost, isChange, subject},
	6420: {"device-disabled", inHost, isChange, subject},
	6423: {"device-installation-forbidden", inHost, isAccessErr, subject},
	4825: {"remote-desktop-access-denied", inAuth, isAccessErr, session},
	6272: {"network-policy-server-granted-access", inAuth, isStart, subject},
	6273: {"network-policy-server-denied-access", inAuth, isStart, subject},
}
