package asa

// aaaTable has authentication, authorization and accounting, of users through the device and on it.
var aaaTable = []row{
	// Users who must log in before traffic may pass (cut-through proxy).
	{"109001", authInfo, []string{`Auth start for user [']{user}['] from {src}/{sport} to {dst}/{dport}`}},
	{"109002 109003", loginFailed, []string{
		`Auth from {src}[/{sport}] to {dst}/{dport} failed ({reason}) on interface {sif:w}`,
	}},
	{"109005", loggedIn, []string{`{_} for user [']{user}['] from {src}/{sport} to {dst}/{dport} on interface {sif:w}`}},
	{"109006", loginFailed, []string{`{_} for user [']{user}['] from {src}/{sport} to {dst}/{dport} on interface {sif:w}`}},
	{"109007", loggedIn, []string{`{_} for user [']{user}['] from {src}/{sport} to {dst}/{dport} on interface {sif:w}`}},
	{"109008", loginFailed, []string{`{_} for user [']{user}['] from {src}/{sport} to {dst}/{dport} on interface {sif:w}`}},
	{"109010", loginFailed, []string{`{reason} from {src}/{sport} to {dst}/{dport} ({_}) on interface {sif:w}`, `{reason:r}`}},
	// Their sessions.
	{"109011", sessionStart, []string{`Authen Session Start: user '{user}', sid {_:r}`}},
	{"109012", sessionEnd, []string{`Authen Session End: user '{user}', sid {_:n}, elapsed {dur} seconds`}},
	{"109013 109014 109018 109019 109020 109021 109022 109026 109030 109031 109032 109035 109036 109037 109038 109039 109040", authInfo, []string{`{reason:r}`}},
	{"109016", authInfo, []string{`{reason} for user '{user}'`}},
	{"109017", loginFailed, []string{`User at {src} {reason:r}`}},
	// Traffic of users who are not logged in, or not allowed to.
	{"109023", loginFailed, []string{`User from {src}/{sport} to {dst}/{dport} on interface {sif} {reason:r}`}},
	{"109024", loginFailed, []string{`{_} from {src}/{sport} to {dst}/{dport} ({reason}) on interface {sif} using {service}`}},
	{"109025", loginFailed, []string{`{_} (acl={acl}) for user '{user}' from {src}/{sport} to {dst}/{dport} on interface {sif} using {service}`}},
	{"109027", authInfo, []string{`\[{_}] {reason} Server = {dst}, User = {user}$`}},
	{"109028", authInfo, []string{`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	// Challenges that the protocol cannot carry.
	{"109033", loginFailed, []string{`{_} for admin user {user} from {src}. {reason:r}`}},
	{"109034", loginFailed, []string{`{_} for network user {user} from {src}/{sport} to {dst}/{dport}. {reason:r}`}},
	{"113001", loginFailed, []string{`{reason:r}`}},
	// Group policies.
	{"113003", policySet, []string{`AAA group policy for user {suser} is being set to {cisco.asa.group_policy:r}`}},
	// What AAA servers say: success. Servers and users are told apart by commas or colons.
	{"113004", loggedIn, []string{
		`AAA user {cisco.asa.aaa_type:w} Successful[ ]: server = {dst}[ ]{=,|:} User = {suser}[ : user IP = {src}]$`,
	}},
	// What AAA servers say: no.
	{"113005 113016", loginFailed, []string{
		`AAA {=user authentication|user authorization|user accounting|credentials} Rejected[ ]: reason = {cisco.asa.rejection_reason}[ ]: server = {dst}[ ]{=,|:} user = {suser}[ ]: user IP = None$`,
		`AAA {=user authentication|user authorization|user accounting|credentials} Rejected[ ]: reason = {cisco.asa.rejection_reason}[ ]: server = {dst}[ ]{=,|:} user = {suser}[ ]: user IP = {src}$`,
		`AAA {=user authentication|user authorization|user accounting|credentials} Rejected[ ]: reason = {cisco.asa.rejection_reason}[ ]: server = {dst}[ ]{=,|:} user = {suser}$`,
	}},
	// Accounts that lock themselves.
	{"113006", locked, []string{`User {user} locked out on {reason:r}`}},
	{"113007", unlocked, []string{`User {user} unlocked by {reason:r}`}},
	{"113008", loggedIn, []string{`AAA transaction status ACCEPT[ ]: user = {suser}$`}},
	{"113009 113011", policySet, []string{
		`AAA retrieved {=default|user specific} group policy ({cisco.asa.group_policy}) for user = {suser}$`,
		`AAA retrieved {=default|user specific} group policy {cisco.asa.group_policy} for user[ =] {suser}$`,
	}},
	{"113010", authInfo, []string{`AAA challenge received for user {suser} from server {dst}`}},
	// The same from the local user base.
	{"113012", loggedIn, []string{`AAA user {cisco.asa.aaa_type:w} Successful[ ]: local database[ ]: user = {suser}$`}},
	{"113013", loginFailed, []string{`AAA unable to complete the request Error[ ]: reason = {cisco.asa.rejection_reason}[ ]: user = {suser}$`}},
	{"113014", loginFailed, []string{`AAA authentication server not accessible[ ]: server = {dst}[ ]: user = {suser}$`}},
	{"113015 113017", loginFailed, []string{
		`AAA {=user authentication|credentials} Rejected[ ]: reason = {cisco.asa.rejection_reason}[ ]: local database[ ]: user = {suser}[ ]: user IP = None$`,
		`AAA {=user authentication|credentials} Rejected[ ]: reason = {cisco.asa.rejection_reason}[ ]: local database[ ]: user = {suser}[ ]: user IP = {src}$`,
		`AAA {=user authentication|credentials} Rejected[ ]: reason = {cisco.asa.rejection_reason}[ ]: local database[ ]: user = {suser}$`,
	}},
	{"113018", authInfo, []string{`User: {suser}, {reason:r}`}},
	// The end of a VPN session. The peer is the destination, because transmitted and received are seen from here.
	{"113019", vpnDown, []string{
		`Group = {sgroup}, Username = {suser}, IP = {dst}, {_} disconnected. Session Type: {cisco.asa.session_type}, Duration: {dur}, Bytes xmt: {source.bytes:n}, Bytes rcv: {destination.bytes:n}, Reason: {reason:r}`,
		`Group = {sgroup}, Username = {suser}, IP = {dst}, {reason:r}`,
	}},
	{"113020", authInfo, []string{`{reason:r}`}},
	{"113021", loginFailed, []string{`{_}. User {suser} did NOT have {reason:r}`}},
	// Servers that stop and begin to answer.
	{"113022", serverDown, []string{`AAA Marking {service} server {dst} in {_} as FAILED`}},
	{"113023", serverUp, []string{`AAA Marking {service} server {dst} in {_} as ACTIVE`}},
	// Certificates in place of passwords.
	{"113024", loggedIn, []string{`Group {sgroup}: Authenticating {cisco.asa.connection_type} connection from {src} with username, {suser}, from client certificate`}},
	{"113025", loginFailed, []string{`Group {sgroup}: {reason} Could not authenticate {cisco.asa.connection_type} connection from {src}`}},
	{"113026 113027 113028", authInfo, []string{`{reason:r}`}},
	// Sessions that AnyConnect could not begin.
	{"113029 113030 113031 113032 113033 113034 113035 113036 113037 113038", vpnFailed, []string{
		`Group [<]{sgroup}[>] User [<]{suser}[>] IP [<]{src}[>] {_:r}`,
		`{_:r}`,
	}},
	// The one that it could.
	{"113039", vpnUp, []string{`Group [<]{sgroup}[>] User [<]{suser}[>] IP [<]{src}[>] {_:r}`}},
	{"113040", vpnFailed, []string{`Terminating the VPN connection attempt from {sgroup}. Reason: {_:r}`}},
	{"113041", vpnInfo, []string{`Redirect ACL configured for {cisco.asa.assigned_ip:w} {reason:r}`}},
	{"113042", denied, []string{`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport} denied by redirect filter`}},
	// The password for privileged mode.
	{"308001", loginFailed, []string{`{reason} (from {src})`}},
	// Logins to the device itself.
	{"605004", loginFailed, []string{
		`Login denied from {src}[/{sport}] to {dif}:{dst}/{service} for user {="|}{user}{="|}$`,
		`Login denied from {src}[/{sport}] to {dif}:{dst}[/{service}]`,
		`Login denied from {src} for user {="|}{user}{="|}$`,
	}},
	{"605005", loggedIn, []string{
		`Login permitted from {src}[/{sport}] to {dif}:{dst}/{service} for user {="|}{user}{="|}$`,
		`Login permitted from {src}[/{sport}] to {dif}:{dst}[/{service}]`,
	}},
	// The same, as newer releases tell it.
	{"611101", loggedIn, []string{`User authentication succeeded: {=IP address: |IP = |}[{src:ip}, ]Uname: {user}$`}},
	{"611102", loginFailed, []string{`User authentication failed: {=IP address: |IP = |}[{src:ip}, ]Uname: {user}$`}},
	{"611103", loggedOut, []string{`User logged out: Uname: {user}$`}},
	{"611104", sessionEnd, []string{`{reason:r}`}},
	// Users and their addresses, from a directory.
	{"746001 746002 746003 746004 746005 746006 746007 746008 746009 746010 746011 746016 746017 746018 746019", system, []string{`user-identity: {reason:r}`}},
	{"746012 746013", identity, []string{`user-identity: {=Add|Delete} IP-User mapping {src} - {user} {=Succeeded|Failed}[ - {reason:r}]`}},
	{"746014 746015", identity, []string{`user-identity: {=[FQDN] |}{destination.domain:w} {=address |resolved }{dst}`}},
	// Passwords that must be changed.
	{"772002 772003 772004", loginFailed, []string{
		`PASSWORD: {_}, user {user}, IP {src}, cause: {reason:r}`,
		`PASSWORD: {_}, user {user}, cause: {reason:r}`,
	}},
	{"772005", loggedIn, []string{`REAUTH: user {user} passed authentication`}},
	{"772006", loginFailed, []string{`REAUTH: user {user} failed authentication`}},
}
