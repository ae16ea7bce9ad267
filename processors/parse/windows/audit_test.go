package windows

import (
	"strings"
	"testing"

	"weir/event"
)

// Every event of the table has a name, a category and a type that ECS allows.
func TestAudits_AllowedByECS(t *testing.T) {
	categories := strings.Fields("api authentication configuration database driver email file host iam intrusion_detection library malware network package process registry session threat vulnerability web")
	types := strings.Fields("access admin allowed change connection creation deletion denied device end error group indicator info installation protocol start user")
	all := []map[int]*audit{audits, defended}
	for _, m := range known {
		all = append(all, m)
	}
	for _, table := range all {
		for code, a := range table {
			if a.action == "" || a.category.Len() == 0 || a.typ.Len() == 0 {
				t.Errorf("%d: %+v", code, a)
			}
			allowed(t, code, a.category, categories)
			allowed(t, code, a.typ, types)
		}
	}
	for code, tr := range traces {
		allowed(t, code, tr.category, categories)
		allowed(t, code, tr.typ, types)
	}
}

func allowed(t *testing.T, code int, v event.Value, words []string) {
	t.Helper()
	for i := range v.Len() {
		if w := v.Item(i).Text(); w != "" && !strings.Contains(" "+strings.Join(words, " ")+" ", " "+w+" ") {
			t.Errorf("%d: %q is not allowed", code, w)
		}
	}
}

// meanings are what users' rules and dashboards stand on: action, category and type by the number of the event. A change
// here is a change for them.
var meanings = map[int]string{
	1100: "logging-service-shutdown process end",
	1102: "audit-log-cleared iam admin,change",
	1104: "logging-full iam admin",
	1105: "auditlog-archieved iam admin",
	1108: "logging-processing-error iam admin",
	4608: "windows-started host start",
	4609: "windows-shutdown host end",
	4610: "authentication-package-loaded configuration info",
	4611: "trusted-logon-process-registered configuration info",
	4614: "notification-package-loaded configuration info",
	4616: "system-time-changed configuration change",
	4622: "security-package-loaded configuration info",
	4624: "logged-in authentication start",
	4625: "logon-failed authentication start",
	4626: "user-claims authentication info",
	4627: "group-membership-information iam group,info",
	4634: "logged-out authentication end",
	4647: "logged-out authentication end",
	4648: "logged-in-explicit authentication start",
	4649: "replay-attack-detected authentication info",
	4656: "object-handle-requested file access",
	4657: "registry-value-modified configuration,registry change",
	4658: "object-handle-closed file access",
	4660: "object-deleted file deletion",
	4661: "object-handle-requested iam access",
	4662: "object-operation-performed iam,configuration admin,change",
	4663: "object-access-attempted file access",
	4664: "hard-link-created file creation",
	4670: "permissions-changed iam,configuration admin,change",
	4672: "logged-in-special iam admin",
	4673: "privileged-service-called iam admin",
	4674: "privileged-operation iam admin",
	4675: "sids-filtered authentication info",
	4688: "created-process process start",
	4689: "exited-process process end",
	4690: "object-handle-duplicated file access",
	4691: "object-access-indirect file access",
	4692: "data-protection-backup iam admin",
	4693: "data-protection-recovery iam admin",
	4696: "primary-token-assigned process info",
	4697: "service-installed iam,configuration admin,change",
	4698: "scheduled-task-created iam,configuration creation,admin",
	4699: "scheduled-task-deleted iam,configuration deletion,admin",
	4700: "scheduled-task-enabled iam,configuration change,admin",
	4701: "scheduled-task-disabled iam,configuration change,admin",
	4702: "scheduled-task-updated iam,configuration change,admin",
	4703: "token-right-adjusted iam admin,change",
	4704: "user-right-assigned iam,configuration admin,change",
	4705: "user-right-removed iam,configuration admin,deletion",
	4706: "domain-trust-added configuration creation",
	4707: "domain-trust-removed configuration deletion",
	4713: "kerberos-policy-changed configuration change",
	4714: "encrypted-data-recovery-policy-changed configuration change",
	4715: "object-audit-policy-changed iam,configuration admin,change",
	4716: "trusted-domain-information-changed configuration change",
	4717: "system-security-access-granted iam,configuration admin,change",
	4718: "system-security-access-removed iam,configuration admin,deletion",
	4719: "changed-audit-config iam,configuration admin,change",
	4720: "added-user-account iam user,creation",
	4722: "enabled-user-account iam user,change",
	4723: "changed-password iam user,change",
	4724: "reset-password iam user,change",
	4725: "disabled-user-account iam user,deletion",
	4726: "deleted-user-account iam user,deletion",
	4727: "added-group-account iam group,creation",
	4728: "added-member-to-group iam group,change",
	4729: "removed-member-from-group iam group,change",
	4730: "deleted-group-account iam group,deletion",
	4731: "added-group-account iam group,creation",
	4732: "added-member-to-group iam group,change",
	4733: "removed-member-from-group iam group,change",
	4734: "deleted-group-account iam group,deletion",
	4735: "modified-group-account iam group,change",
	4737: "modified-group-account iam group,change",
	4738: "modified-user-account iam user,change",
	4739: "domain-policy-changed configuration change",
	4740: "locked-out-user-account iam user,change",
	4741: "added-computer-account iam creation,admin",
	4742: "changed-computer-account iam change,admin",
	4743: "deleted-computer-account iam deletion,admin",
	4744: "added-distribution-group-account iam group,creation",
	4745: "changed-distribution-group-account iam group,change",
	4746: "added-member-to-distribution-group iam group,change",
	4747: "removed-member-from-distribution-group iam group,change",
	4748: "deleted-distribution-group-account iam group,deletion",
	4749: "added-distribution-group-account iam group,creation",
	4750: "changed-distribution-group-account iam group,change",
	4751: "added-member-to-distribution-group iam group,change",
	4752: "removed-member-from-distribution-group iam group,change",
	4753: "deleted-distribution-group-account iam group,deletion",
	4754: "added-group-account iam group,creation",
	4755: "modified-group-account iam group,change",
	4756: "added-member-to-group iam group,change",
	4757: "removed-member-from-group iam group,change",
	4758: "deleted-group-account iam group,deletion",
	4759: "added-distribution-group-account iam group,creation",
	4760: "changed-distribution-group-account iam group,change",
	4761: "added-member-to-distribution-group iam group,change",
	4762: "removed-member-from-distribution-group iam group,change",
	4763: "deleted-distribution-group-account iam group,deletion",
	4764: "type-changed-group-account iam group,change",
	4765: "sid-history-added iam user,change",
	4766: "sid-history-failed iam user,change",
	4767: "unlocked-user-account iam user,change",
	4768: "kerberos-authentication-ticket-requested authentication start",
	4769: "kerberos-service-ticket-requested authentication start",
	4770: "kerberos-service-ticket-renewed authentication start",
	4771: "kerberos-preauth-failed authentication start",
	4772: "kerberos-authentication-ticket-failed authentication start",
	4773: "kerberos-service-ticket-failed authentication start",
	4774: "account-mapped authentication info",
	4776: "credential-validated authentication start",
	4777: "credential-validation-failed authentication start",
	4778: "session-reconnected authentication,session start",
	4779: "session-disconnected authentication,session end",
	4780: "acl-set-on-admin-accounts iam user,change",
	4781: "renamed-user-account iam user,change",
	4782: "password-hash-accessed iam user,info",
	4793: "password-policy-api-called iam info",
	4794: "directory-restore-password-set iam admin,change",
	4797: "query-existence-of-blank-password iam user,info",
	4798: "group-membership-enumerated iam user,info",
	4799: "user-member-enumerated iam group,info",
	4800: "workstation-locked authentication,session end",
	4801: "workstation-unlocked authentication,session start",
	4817: "object-audit-changed iam,configuration admin,change",
	4825: "remote-desktop-access-denied authentication access,denied",
	4902: "user-audit-policy-created iam,configuration admin,creation",
	4904: "security-event-source-added iam,configuration admin,change",
	4905: "security-event-source-removed iam,configuration admin,deletion",
	4906: "crash-on-audit-changed iam,configuration admin,change",
	4907: "audit-setting-changed iam,configuration admin,change",
	4908: "special-group-table-changed iam,configuration admin,change",
	4912: "per-user-audit-policy-changed iam,configuration admin,change",
	4928: "directory-replica-source-established configuration change",
	4929: "directory-replica-source-removed configuration change",
	4932: "directory-replication-started configuration start",
	4933: "directory-replication-ended configuration end",
	4946: "windows-firewall-rule-added configuration creation",
	4947: "windows-firewall-rule-modified configuration change",
	4948: "windows-firewall-rule-deleted configuration deletion",
	4950: "windows-firewall-setting-changed configuration change",
	4954: "windows-firewall-group-policy-changed configuration change",
	4964: "logged-in-special iam admin",
	5024: "windows-firewall-service-started process start",
	5025: "windows-firewall-service-stopped process end",
	5027: "windows-firewall-policy-unavailable configuration error",
	5028: "windows-firewall-policy-unparsed configuration error",
	5029: "windows-firewall-driver-failed process error",
	5030: "windows-firewall-service-failed process error",
	5031: "windows-firewall-application-blocked network connection,info,denied",
	5033: "windows-firewall-driver-started driver start",
	5034: "windows-firewall-driver-stopped driver end",
	5035: "windows-firewall-driver-failed driver error",
	5037: "windows-firewall-driver-error driver error",
	5038: "code-integrity-invalid-hash file error",
	5058: "key-file-operation file access",
	5059: "key-migration-operation file access",
	5061: "cryptographic-operation iam info",
	5136: "directory-service-object-modified iam,configuration admin,change",
	5137: "directory-service-object-created iam,configuration admin,creation",
	5138: "directory-service-object-undeleted iam,configuration admin,change",
	5139: "directory-service-object-moved iam,configuration admin,change",
	5140: "network-share-object-accessed file access",
	5141: "directory-service-object-deleted iam,configuration admin,deletion",
	5142: "network-share-object-added file creation",
	5143: "network-share-object-modified file change",
	5144: "network-share-object-deleted file deletion",
	5145: "network-share-object-access-checked file access",
	5150: "windows-firewall-packet-block network connection,info,denied",
	5151: "windows-firewall-packet-block network connection,info,denied",
	5152: "windows-firewall-packet-drop network connection,info,denied",
	5153: "windows-firewall-packet-veto network connection,info,denied",
	5154: "windows-firewall-listen network connection,info,allowed",
	5155: "windows-firewall-listen-block network connection,info,denied",
	5156: "windows-firewall-connection network connection,info,allowed",
	5157: "windows-firewall-connection-block network connection,info,denied",
	5158: "windows-firewall-bind network connection,info,allowed",
	5159: "windows-firewall-bind-block network connection,info,denied",
	5376: "credential-manager-credentials-were-backed-up iam user,info",
	5377: "credential-manager-credentials-were-restored iam user,change",
	5379: "credential-manager-credentials-were-read iam user,info",
	5380: "vault-credential-find iam user,info",
	5381: "vault-credentials-were-read iam user,info",
	5382: "vault-credentials-were-read iam user,info",
	6272: "network-policy-server-granted-access authentication start",
	6273: "network-policy-server-denied-access authentication start",
	6281: "code-integrity-invalid-page-hash file error",
	6416: "external-device-recognized host info",
	6419: "device-disable-requested host change",
	6420: "device-disabled host change",
	6423: "device-installation-forbidden host access,denied",
}

func TestAudits_Meanings(t *testing.T) {
	if len(meanings) != len(audits) {
		t.Errorf("%d meanings, %d events", len(meanings), len(audits))
	}
	for code, want := range meanings {
		a := audits[code]
		if a == nil {
			t.Errorf("%d is gone", code)
			continue
		}
		if got := a.action + " " + textOf(a.category) + " " + textOf(a.typ); got != want {
			t.Errorf("%d: %s, want %s", code, got, want)
		}
	}
}
