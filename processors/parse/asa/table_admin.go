package asa

// adminTable has what administrators do, and their sessions.
var adminTable = []row{
	// Configuration that is read, written and erased.
	{"111001", configured, []string{`Begin configuration: {src} writing to {reason:r}`}},
	{"111002 111007", configured, []string{`Begin configuration: {src} reading from {reason:r}`}},
	{"111003", configured, []string{`{src} Erase configuration`}},
	{"111004", configured, []string{`{src} end configuration: {reason:r}`}},
	{"111005", configured, []string{`{src} end configuration: {reason:r}`}},
	// Commands: those that change something (008, 010) and those that show (009).
	{"111008", commanded, []string{`User '{user}' executed the '{command}' command$`, `User '{user}' executed the {command} command$`}},
	{"111009", shown, []string{`User '{user}' executed cmd: {command:r}`, `User '{user}' executed cmd:{command:r}`}},
	{"111010", commanded, []string{
		`User '{user}', running '{process.name}' from IP {src}, executed '{command}'$`,
		`User '{user}', running {process.name} from IP {src}, executed {command:r}`,
	}},
	{"112001", configured, []string{`{reason:r}`}},
	// Restarts.
	{"199001", stopped, []string{`{reason} (remote {src})`, `{reason:r}`}},
	{"199002 199003", stopped, []string{`{reason:r}`}},
	{"199005 199006 199007", started, []string{`{reason:r}`}},
	{"199010 199011 199012 199013 199014 199015 199016 199017 199018 199019 199020 199021 199027", system, []string{`{reason:r}`}},
	// Memory for the configuration.
	{"208005", configFailed, []string{`{reason:r}`}},
	// Sessions of management tools.
	{"214001", sessionEnd, []string{`Terminating manager session from {src} on interface {sif}. Reason: {reason:r}`}},
	{"308002", configFailed, []string{`{reason:r}`}},
	{"315004", loginFailed, []string{`{reason:r}`}},
	// SSH to the device.
	{"315011", sessionEnd, []string{
		`SSH session from {src} on interface {sif} for user {="|'|}{user}{="|'|} disconnected by SSH server, reason: [{="}]{reason}[{="}][ (0x{_:p})]$`,
		`SSH session from {src} on interface {sif} for user {="|'|}{user}{="|'|} terminated{reason:r}`,
	}},
	{"315012", loginFailed, []string{`{reason} from client '{src}' on interface {sif}.`, `{reason:r}`}},
	{"315013", sessionStart, []string{`SSH session from {src} on interface {sif} for user {="|'|}{user}{="|'|} rekeyed {reason:r}`}},
	// Where the logs themselves go.
	{"414001", configFailed, []string{`{reason} using {_} to FTP server {dst} on interface {sif}: {_:r}`, `{reason:r}`}},
	{"414002", configFailed, []string{`{reason:r}`}},
	{"414003", serverDown, []string{`TCP Syslog Server {dif}:{dst}/{dport} {reason:r}`}},
	{"414004", serverUp, []string{`TCP Syslog Server {dif}:{dst}/{dport} {reason:r}`}},
	{"414005 414006 414007 414008", serverDown, []string{`TCP Syslog Server {dif}:{dst}/{dport} {reason:r}`, `{reason:r}`}},
	// Accounts of administrators.
	{"502101", userAdded, []string{`{_}: Uname: {user} Priv: {cisco.asa.privilege.new:n}`}},
	{"502102", userDeleted, []string{`{_}: Uname: {user} Priv: {cisco.asa.privilege.old:n}`}},
	{"502103", userChanged, []string{`{_}: Uname: {user} From: {cisco.asa.privilege.old:n} To: {cisco.asa.privilege.new:n}`}},
	{"501101", userChanged, []string{`{reason:r}`}},
	// Group policies.
	{"502111", groupAdded, []string{`{_}: name: {group.name} Type: {reason:r}`}},
	{"502112", groupDeleted, []string{`{_}: name: {group.name} Type: {reason:r}`}},
	// ASDM sessions. The word before the number differs.
	{"606001 606003", sessionStart, []string{`ASDM {_}number {_:n} from {src} started`, `ASDM {_}id {_:n} from {src} started`, `ASDM {_} {_:n} from {src} started`}},
	{"606002 606004", sessionEnd, []string{`ASDM {_}number {_:n} from {src} ended`, `ASDM {_}id {_:n} from {src} ended`, `ASDM {_} {_:n} from {src} ended`}},
	// Images that are installed.
	{"769001 769002 769003 769004 769005 769006 769007 769009", configured, []string{`UPDATE: {reason:r}`}},
	// Somebody sets the clock: times before and after do not compare.
	{"771001 771002", clockSet, []string{
		`CLOCK: System clock set, source: {reason}, IP[:] {src}, before: {_:r}`,
		`CLOCK: System clock set, source: {reason}, before: {_:r}`,
	}},
}
