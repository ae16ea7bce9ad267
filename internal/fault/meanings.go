package fault

import "slices"

// Meaning explains a code: what `weir explain` prints and docs/reference/errors.md is made of.
// Sentences here are general; the fault itself names file, line and value.
type Meaning struct {
	Code  string `json:"code"`
	Exit  int    `json:"exit"` // of a command that it ends; 0: a warning
	Short string `json:"what"`
	Why   string `json:"why"`
	Do    string `json:"do"`
}

// Meanings returns all codes in alphabetical order. A test finds codes that are used anywhere and stand not here.
// The slice is the caller's.
func Meanings() []Meaning {
	return slices.SortedFunc(slices.Values(meanings), func(a, b Meaning) int {
		if a.Code < b.Code {
			return -1
		}
		return 1
	})
}

// The table of all codes. A code is never renamed and never gets another meaning: scripts and notes rely on it.
var meanings = []Meaning{
	{"alert-ambiguous", ExitUsage, "more than one alert's id begins like this", "too little of it was written", "write more of the id; weir alerts list --all"},
	{"alert-changed", ExitFound, "somebody else changed the alert meanwhile", "two people worked on it", "look at it again with weir alerts show, then decide again"},
	{"alert-state", ExitUsage, "an alert cannot be changed like this", "the state does not exist, or nobody's name stands behind the change", "use open, acknowledged or closed"},
	{"alert-store", ExitMissing, "the alert store cannot be read", "its file is damaged, or a newer weir wrote it", "run the newer weir, or move the file away: alerts of the last days come again from Kafka, older ones are in the archive"},
	{"alert-unknown", ExitUsage, "no alert has this id", "the id is misspelt, or the alert belongs to another data folder", "weir alerts list --all"},
	{"archive-folder", ExitMissing, "the archive cannot be opened", "its folder is not there, or this user may not read and write it", "name the folder of a weir with --data, or give this user the folder"},
	{"archive-in-use", ExitMissing, "another weir writes to this archive", "two would write over each other", "stop the other one, or start with --data ./other"},
	{"archive-manifest", ExitFound, "a line of the archive's manifest was changed", "somebody edited the file, or the disk is faulty", "keep a copy of the folder as it is now before anything else"},
	{"archive-segment", ExitFound, "a segment of the archive is missing or was changed", "somebody removed or edited the file, or the disk is faulty", "keep a copy of the folder as it is now before anything else"},
	{"archive-stray", ExitOK, "the archive has a segment that its manifest does not know", "somebody put it there, or took lines out of the manifest", "keep a copy of the folder as it is now before anything else"},
	{"bad-request", ExitUsage, "a running weir could not read a question", "the program that asked is no weir, or another version", "use the same program for both"},
	{"certificate-bad", ExitUsage, "a certificate or its key cannot be used", "they do not belong together, are no PEM, or cannot be read", "give the matching pair, or remove both lines: weir makes its own"},
	{"class-file", ExitUsage, "the file of retention classes cannot be used", "it is no YAML, or a class lacks its name or its condition", "the message names the line"},
	{"config-bad-value", ExitUsage, "a key of the configuration has a value that cannot be", "by itself, or together with another key", "the message names both; all keys: weir config schema"},
	{"config-duplicate-key", ExitUsage, "a key stands twice in the configuration", "only one of them could count", "remove one"},
	{"config-expr", ExitUsage, "a condition in the configuration cannot be read", "its syntax is wrong, or a field or function does not exist", "correct it; conditions are those of rules"},
	{"config-syntax", ExitUsage, "the configuration is not YAML", "a blank, quote or bracket is missing or too many, or the file uses anchors, aliases or tags, which are not read", "look at the line of the message and the one before it"},
	{"config-too-large", ExitUsage, "the configuration file is larger than 1 MiB", "it is some other file", "name weir's configuration with --config"},
	{"config-unknown-key", ExitUsage, "the configuration has a key that weir does not know", "it is misspelt, stands in the wrong section, or belongs to another version", "use the name that the message offers; all keys: weir config schema"},
	{"config-unknown-variable", ExitOK, "a variable of the environment begins with WEIR_ and sets nothing", "its name is almost that of a key", "weir config show lists the keys; WEIR_SECTION_KEY sets one"},
	{"config-unreadable", ExitUsage, "the configuration file cannot be read", "it is not there, a folder, or not readable for this user", "name an existing file with --config, or leave it out"},
	{"control-not-permitted", ExitMissing, "this user may not ask the weir that runs here", "its control socket belongs to the user who runs weir", "run the command as that user"},
	{"data-unusable", ExitUsage, "the data folder is no folder", "a file has its name", "name a folder with --data"},
	{"dataset-unknown", ExitUsage, "no format makes this dataset", "its name is misspelt", "leave --dataset out: it is recognised by each line"},
	{"deadletter-unknown", ExitUsage, "no dead letter has this id", "the id is misspelt, or it is older than what is kept", "weir deadletters list"},
	{"expr-constant", ExitUsage, "a condition is always true or always false", "it compares nothing of the event", "compare a field"},
	{"expr-regex", ExitUsage, "a regular expression cannot be used", "its syntax is wrong, or it needs more memory than allowed", "weir rules check shows the place"},
	{"expr-type", ExitUsage, "a condition compares things of different types", "the field is a number, a time or an address and is compared with something else", "weir rules check shows the place"},
	{"folder-in-use", ExitMissing, "another weir uses this data folder", "two would write over each other", "look with weir search, or start with --data ./other"},
	{"folder-unusable", ExitMissing, "the data folder cannot be used", "this user may not read and write it, or the disk cannot", "give this user the folder, or start with --data ./other"},
	{"id-ambiguous", ExitUsage, "more than one thing begins with this id", "too little of it was written", "write more of the id"},
	{"internal", ExitUsage, "something went wrong that weir has no better words for", "most likely a fault of weir", "run the command again with -v and report what it says"},
	{"inventory-format", ExitUsage, "the inventory is neither CSV nor YAML", "its name has another ending", "name it .csv or .yaml"},
	{"inventory-invalid", ExitUsage, "the inventory has a mistake", "an address, name or time zone cannot be", "the message names the line and what is allowed"},
	{"inventory-unreadable", ExitMissing, "the inventory cannot be read", "it is not there, or not readable for this user", "make it readable, or correct normalise.inventory"},
	{"kafka-partitions", ExitMissing, "a topic on Kafka has fewer partitions than weir needs", "raw and derived topics must have the same number: a derived record goes to the partition of its raw record", "add partitions with kafka-topics.sh --alter, or lower bus.partitions"},
	{"kafka-unreachable", ExitMissing, "no broker of Kafka answers", "it does not run, its address is another, or a firewall is between", "start Kafka, or correct bus.brokers; without bus.brokers weir runs its own"},
	{"kql-syntax", ExitUsage, "a query cannot be read", "a bracket, quote or operator is missing or too many", "weir help kql"},
	{"kql-unknown-field", ExitOK, "no event has the field of a query", "it is misspelt, or nothing fills it", "use the name that the message offers"},
	{"ledger-gap", ExitFound, "the ledger does not balance: events are missing or too many between two hops", "a fault of weir, or of the disk", "weir doctor, and report it with the output of weir ledger --json"},
	{"line-not-json", ExitOK, "a line on stdin is no ECS JSON document", "it is a raw line, or cut off", "for raw lines: weir detect --raw auto"},
	{"line-too-long", ExitUsage, "a line on stdin is too long", "the input has no line ends, or is no text", "split it"},
	{"list-unreadable", ExitUsage, "a list that a rule names cannot be read", "the file is missing, not text, or too large", "put it into the folder rules.lists names"},
	{"no-data", ExitUsage, "there is no data folder", "weir never ran here, or the folder is another", "start weir up, or name the folder with --data"},
	{"not-running", ExitMissing, "no weir runs on this data folder", "this command needs one that runs", "weir up"},
	{"port-in-use", ExitMissing, "a port is taken", "another program, or another weir, listens on it", "stop that program, or give weir another port: WEIR_INPUTS_SYSLOG_LISTEN=127.0.0.1:5515 weir up"},
	{"port-not-permitted", ExitMissing, "this user may not listen on a port", "ports below 1024 need a right", "sudo setcap cap_net_bind_service=+ep ./weir, or leave out --standard-ports"},
	{"rule-duplicate", ExitUsage, "two rules have one id", "alerts and state are kept by it", "give one of them another id"},
	{"rule-duplicate-key", ExitUsage, "a key stands twice in a rule", "only one of them could count", "remove one"},
	{"rule-expr", ExitUsage, "a condition of a rule cannot be read", "its syntax is wrong or a function does not exist", "weir rules check shows the place"},
	{"rule-kind", ExitUsage, "a rule combines events in a way that does not exist", "the key below correlate is misspelt", "write count or sequence"},
	{"rule-missing-key", ExitUsage, "a rule lacks a key that it needs", "every rule has an id, a title, a level and a condition", "add it"},
	{"rule-syntax", ExitUsage, "a rule file is not YAML", "a blank, quote or bracket is missing or too many", "look at the line of the message and the one before it"},
	{"rule-too-large", ExitUsage, "a rule or its file is too large", "one rule could hold up all others", "split it, or put its values into a list"},
	{"rule-type", ExitUsage, "a key of a rule has the wrong form", "a text stands where a list or a group is needed, or the other way round", "weir rules check shows the place"},
	{"rule-unknown", ExitUsage, "no rule has this id", "it is misspelt, or the rule is not in the folder", "weir rules list"},
	{"rule-unknown-condition", ExitUsage, "a rule names a condition that it does not have", "the name is misspelt", "use the name that the message offers"},
	{"rule-unknown-field", ExitOK, "no format fills a field of a rule", "the rule runs but cannot match", "use the name that the message offers"},
	{"rule-unknown-key", ExitUsage, "a rule has a key that weir does not know", "it is misspelt, or belongs to another version", "use the name that the message offers"},
	{"rule-unused-condition", ExitOK, "a condition of a rule is never used", "correlate does not name it", "name it, or remove it"},
	{"rule-value", ExitUsage, "a key of a rule has a value that cannot be", "the message says which would", "weir rules check shows the place"},
	{"rules-unreadable", ExitUsage, "a rule file or folder cannot be read", "it is not there, or not readable for this user", "name an existing one"},
	{"segment-unreadable", ExitOK, "a part of the archive cannot be read; the answer is without it", "the file is missing, changed, or on a faulty disk", "keep a copy of the folder as it is now before anything else"},
	{"source-unknown", ExitUsage, "no record ever came from this source", "its name is misspelt, or it never sent", "weir sources list"},
	{"stream-hole", ExitFound, "records of a topic are missing", "each record names the one before it, and that one never came", "restart weir, which reads again from the last sure place, and report it"},
	{"time-ambiguous", ExitUsage, "a time came twice, or never was, because the clocks were changed", "local time is not unique then", "write one of the two readings of the message"},
	{"time-unknown", ExitUsage, "a time cannot be read", "it has none of the known forms", "weir help time"},
	{"usage", ExitUsage, "the command line is wrong", "a command, flag or argument does not exist or is missing", "the command with -h"},
	{"version-mismatch", ExitMissing, "the weir that runs here is another version than this command", "one of them was updated", "restart it, or use its program"},
	{"weir-gone", ExitMissing, "the running weir went away before it had answered", "it was stopped, or it ended", "ask again: without a running weir the files are read"},
}
