package pattern

// library holds the names that every grok pattern may use. They mean what the names of the same spelling mean in other
// tools, written for RE2: without a look at what stands beside, which those use to keep a number from beginning in the
// middle of another. Where that matters, the pattern around them says so.
var library = map[string]string{
	// Words and numbers.
	"USERNAME":        `[a-zA-Z0-9._-]+`,
	"USER":            `%{USERNAME}`,
	"EMAILLOCALPART":  `[a-zA-Z0-9!#$%&'*+\-/=?^_{|}~` + "`" + `]+(?:\.[a-zA-Z0-9!#$%&'*+\-/=?^_{|}~` + "`" + `]+)*`,
	"EMAILADDRESS":    `%{EMAILLOCALPART}@%{HOSTNAME}`,
	"INT":             `[+-]?[0-9]+`,
	"BASE10NUM":       `[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)`,
	"NUMBER":          `%{BASE10NUM}`,
	"BASE16NUM":       `[+-]?(?:0[xX])?[0-9A-Fa-f]+`,
	"BASE16FLOAT":     `[+-]?(?:0[xX])?(?:[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?|\.[0-9A-Fa-f]+)`,
	"POSINT":          `[1-9][0-9]*`,
	"NONNEGINT":       `[0-9]+`,
	"WORD":            `\b\w+\b`,
	"NOTSPACE":        `\S+`,
	"SPACE":           `\s*`,
	"DATA":            `.*?`,
	"GREEDYDATA":      `.*`,
	"GREEDYMULTILINE": `(?s:.*)`,
	"QUOTEDSTRING":    `(?:"(?:\\.|[^\\"])*"|'(?:\\.|[^\\'])*'|` + "`(?:\\\\.|[^\\\\`])*`)",
	"QS":              `%{QUOTEDSTRING}`,
	"UUID":            `[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}`,
	"URN":             `urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:(?:%[0-9a-fA-F]{2}|[0-9A-Za-z()+,.:=@;$_!*'/?#-])+`,
	"BOOLEAN":         `(?i:true|false|yes|no)`,

	// Hosts and addresses.
	"MAC":        `(?:%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC})`,
	"CISCOMAC":   `(?:[A-Fa-f0-9]{4}\.){2}[A-Fa-f0-9]{4}`,
	"WINDOWSMAC": `(?:[A-Fa-f0-9]{2}-){5}[A-Fa-f0-9]{2}`,
	"COMMONMAC":  `(?:[A-Fa-f0-9]{2}:){5}[A-Fa-f0-9]{2}`,
	"IPV6": `(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}` +
		`|(?:[0-9A-Fa-f]{1,4}:){6}%{IPV4}` +
		`|(?:[0-9A-Fa-f]{1,4}:){1,5}(?::[0-9A-Fa-f]{1,4}){0,4}:%{IPV4}` +
		`|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}` +
		`|(?:[0-9A-Fa-f]{1,4}:){1,7}:` +
		`|::(?:[0-9A-Fa-f]{1,4}:){0,5}%{IPV4}` +
		`|::(?:[0-9A-Fa-f]{1,4}:){0,6}[0-9A-Fa-f]{1,4}` +
		`|::)(?:%[0-9A-Za-z._-]+)?`,
	"IPV4":       `(?:%{OCTET}\.){3}%{OCTET}`,
	"OCTET":      `(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})`,
	"IP":         `(?:%{IPV6}|%{IPV4})`,
	"HOSTNAME":   `[0-9A-Za-z_](?:[0-9A-Za-z_-]{0,62})(?:\.[0-9A-Za-z_][0-9A-Za-z_-]{0,62})*\.?`,
	"HOST":       `%{HOSTNAME}`,
	"IPORHOST":   `(?:%{IP}|%{HOSTNAME})`,
	"HOSTPORT":   `%{IPORHOST}:%{POSINT}`,
	"SYSLOGHOST": `%{IPORHOST}`,

	// Files and addresses of the web.
	"PATH":         `(?:%{UNIXPATH}|%{WINPATH})`,
	"UNIXPATH":     `(?:/[\pL\pN_%!$@:.,+~-]*)+`,
	"WINPATH":      `(?:[A-Za-z]:|\\)(?:\\[^\\?*]*)+`,
	"TTY":          `/dev/(?:pts|tty(?:[pq])?)(?:\w+)?/?(?:[0-9]+)`,
	"URIPROTO":     `[A-Za-z][A-Za-z0-9+\-.]*`,
	"URIHOST":      `%{IPORHOST}(?::%{POSINT})?`,
	"URIPATH":      `(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_\-]*)+`,
	"URIQUERY":     `[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\-\[\]<>]*`,
	"URIPARAM":     `\?%{URIQUERY}`,
	"URIPATHPARAM": `%{URIPATH}(?:\?%{URIQUERY})?`,
	"URI":          `%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?`,

	// Parts of times.
	"MONTH": `(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|` +
		`oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`,
	"MONTHNUM":         `(?:0?[1-9]|1[0-2])`,
	"MONTHNUM2":        `(?:0[1-9]|1[0-2])`,
	"MONTHDAY":         `(?:0[1-9]|[12][0-9]|3[01]|[1-9])`,
	"DAY":              `(?i:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)`,
	"YEAR":             `(?:[0-9]{4}|[0-9]{2})`,
	"HOUR":             `(?:2[0-3]|[01]?[0-9])`,
	"MINUTE":           `[0-5][0-9]`,
	"SECOND":           `(?:60|[0-5]?[0-9])(?:[:.,][0-9]+)?`,
	"TIME":             `%{HOUR}:%{MINUTE}:%{SECOND}`,
	"ISO8601_TIMEZONE": `(?:Z|[+-]%{HOUR}(?::?%{MINUTE})?)`,
	"ISO8601_SECOND":   `%{SECOND}`,
	"ISO8601_HOUR":     `(?:2[0-3]|[01][0-9])`,
	"TZ":               `(?:[A-Z]{3,4})`,
	"TZOFFSET":         `[+-][0-9]{2}:?[0-9]{2}`,

	// Whole times.
	"TIMESTAMP_ISO8601":  `%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?`,
	"DATE_US":            `%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}`,
	"DATE_EU":            `%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}`,
	"DATE":               `(?:%{DATE_US}|%{DATE_EU})`,
	"DATESTAMP":          `%{DATE}[- ]%{TIME}`,
	"DATESTAMP_RFC822":   `%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}`,
	"DATESTAMP_RFC2822":  `%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE}`,
	"DATESTAMP_OTHER":    `%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR}`,
	"DATESTAMP_EVENTLOG": `%{YEAR}%{MONTHNUM2}%{MONTHDAY}%{HOUR}%{MINUTE}%{SECOND}`,
	"SYSLOGTIMESTAMP":    `%{MONTH} +%{MONTHDAY} %{TIME}`,
	"HTTPDATE":           `%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}`,
	"HTTPDERROR_DATE":    `%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR}`,
	"CISCOTIMESTAMP":     `%{MONTH} +%{MONTHDAY}(?: %{YEAR})? %{TIME}`,

	// What programs call themselves and their messages.
	"PROG":         `[\x21-\x5a\x5c\x5e-\x7e]+`,
	"SYSLOGPROG":   `%{PROG}(?:\[%{POSINT}\])?`,
	"HTTPDUSER":    `(?:%{EMAILADDRESS}|%{USER})`,
	"HTTPMETHOD":   `[A-Z][A-Z_-]+`,
	"JAVACLASS":    `(?:[a-zA-Z$_][a-zA-Z$_0-9]*\.)*[a-zA-Z$_][a-zA-Z$_0-9]*`,
	"JAVAFILE":     `[a-zA-Z$_0-9. -]+`,
	"JAVAMETHOD":   `(?:<(?:cl)?init>|[a-zA-Z$_][a-zA-Z$_0-9]*)`,
	"LOGLEVEL":     `(?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?)`,
	"SYSLOG5424SD": `(?:\[[^\]"]*(?:"(?:\\.|[^\\"])*"[^\]"]*)*\])+`,
}
