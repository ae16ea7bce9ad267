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
	{"aws-access", ExitOK, "AWS does not allow what weir asks for", "the user or role lacks a permission, or the bucket, the queue or the key denies it", "the message names the permission; the list is in docs/aws-cloudtrail.md"},
	{"aws-credentials", ExitOK, "AWS credentials are missing or not accepted", "none are set, they have expired, or they belong to another account", "aws sts get-caller-identity says who the machine is to AWS"},
	{"aws-failed", ExitOK, "AWS could not do what it was asked for", "a service has trouble, or refuses for a reason of its own", "look at the reason in the message; it is tried again"},
	{"aws-object", ExitOK, "an object that a message announces cannot be read", "it was deleted or moved to an archive before weir read it", "restore it, or delete its message; a dead-letter queue keeps such messages apart"},
	{"aws-queue", ExitOK, "the queue does not exist", "its URL is misspelt, or it is in another region or account", "aws sqs list-queues --region REGION; correct inputs.aws.queue and inputs.aws.region"},
	{"aws-region", ExitUsage, "the AWS region is missing or wrong", "neither the queue's address nor the environment names it, or the bucket is in another one", "set inputs.aws.region"},
	{"aws-slow", ExitOK, "AWS asks to be asked less often", "too many requests were made, perhaps by others with the same account", "nothing: the questions are asked again later"},
	{"aws-unreachable", ExitOK, "AWS does not answer", "the network, a proxy or a firewall is in the way, or inputs.aws.endpoint is wrong", "curl -sS the address of the queue from this machine"},
	{"bad-request", ExitUsage, "a running weir could not read a question", "the program that asked is no weir, or another version", "use the same program for both"},
	{"btf-missing", ExitOK, "this kernel does not describe its own types, so the eBPF input is off", "it was built without CONFIG_DEBUG_INFO_BTF, or /sys is hidden", "boot a kernel that has it, or leave out inputs.ebpf: all else runs"},
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
	{"ebpf-failed", ExitOK, "the kernel does not take the program of the eBPF input, which is off", "it is too old for it, or has no room", "look at the reason with log.level debug, or leave out inputs.ebpf: all else runs"},
	{"ebpf-not-permitted", ExitOK, "weir may not load programs into the kernel, so the eBPF input is off", "CAP_BPF or CAP_PERFMON is missing, or they count for nothing in a user namespace", "sudo setcap cap_bpf,cap_perfmon=+ep ./weir, or leave out inputs.ebpf: all else runs"},
	{"ebpf-unsupported", ExitOK, "the eBPF input is for Linux on amd64 or arm64 only", "this is another system", "leave out inputs.ebpf: all else runs"},
	{"elastic-answer", ExitMissing, "what answers at elastic.urls is no Elasticsearch that weir understands, or it refuses a request", "the address is that of something else, or a proxy is between", "look whether elastic.urls names Elasticsearch itself"},
	{"elastic-busy", ExitOK, "Elasticsearch has too much to do", "it answers 429 or 5xx; weir sends less and waits in Kafka", "nothing, if it passes; else give it more processors, or faster disks"},
	{"elastic-differs", ExitFound, "a document in Elasticsearch is not the one that weir has under the same id", "two events have one id, or somebody changed the stored document", "compare both; the message names them"},
	{"elastic-gap", ExitOK, "Kafka no longer has records that Elasticsearch needs", "Elasticsearch was away for longer than the topic is kept", "nothing, if this weir has the archive: they are read from it; weir ledger shows when that is done"},
	{"elastic-index", ExitMissing, "an index of Elasticsearch takes no documents", "it is read-only, closed, or cannot be made; weir waits in Kafka", "the message says how to lift it"},
	{"elastic-mapping", ExitFound, "the mapping of an index refuses documents", "somebody changed it, or another program made the index", "the documents are in the dead letters; delete the index, the next one is made from weir's template"},
	{"elastic-rights", ExitMissing, "Elasticsearch does not know the user or the API key, or it lacks a right", "the key is wrong or ended, or it was made with too few rights; weir waits in Kafka", "correct elastic.api_key, or elastic.user and elastic.password"},
	{"elastic-shards", ExitOK, "the cluster will soon have as many shards open as it may", "at the last one Elasticsearch makes no further index", "lower elastic.keep or elastic.replicas, delete indices, or add a node"},
	{"elastic-template", ExitMissing, "the template of an index cannot be written", "the user lacks a right, or the server refuses it; weir waits in Kafka", "give the user the right manage_index_templates"},
	{"elastic-unreachable", ExitMissing, "no node of Elasticsearch answers", "it does not run, its address is another, its certificate is not trusted, or a firewall is between", "start it, or correct elastic.urls or elastic.ca"},
	{"elastic-version", ExitMissing, "Elasticsearch is too old", "weir needs composable index templates (7.8)", "use Elasticsearch 8 or 9, or OpenSearch 2"},
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
	{"kafka-away", ExitMissing, "weir stopped while Kafka did not answer", "what was received is in the spool in the data folder, the rest in Kafka", "start Kafka, then weir: it goes on where it was"},
	{"kafka-behind", ExitOK, "a consumer group is behind by more than half of what Kafka keeps", "its stage stands still or is too slow; what is older than the retention is deleted, read or not", "find out why the stage stands still with weir topics list, or raise retention.ms"},
	{"kafka-certificate", ExitMissing, "a certificate between weir and Kafka is not accepted", "it is expired, for another name, or signed by somebody whom the other side does not know", "the message says which side; see bus.tls"},
	{"kafka-clock", ExitMissing, "Kafka refuses records because of their time", "the clock of this machine or of the brokers is wrong: Kafka takes what is at most an hour ahead", "correct the clock: timedatectl"},
	{"kafka-credentials", ExitMissing, "Kafka does not accept the user", "user, password or mechanism is another, or none is given", "correct bus.sasl"},
	{"kafka-not-permitted", ExitMissing, "Kafka does not allow this user what weir needs", "its access rules (ACLs) lack an entry", "the message holds the kafka-acls.sh command"},
	{"kafka-partitions", ExitMissing, "a topic on Kafka has fewer partitions than weir needs", "raw and derived topics must have the same number: a derived record goes to the partition of its raw record", "weir topics resize, or lower bus.partitions"},
	{"kafka-policy", ExitMissing, "a policy of Kafka forbids a topic", "whoever runs it has set create.topic.policy.class.name", "ask for the topics; docs/kafka.md lists them with their settings"},
	{"kafka-replication", ExitMissing, "Kafka cannot keep as many copies as are wanted", "each copy needs a broker of its own", "start more brokers, or write a smaller bus.replication"},
	{"kafka-resize", ExitUsage, "topics cannot be resized like this", "Kafka can only add partitions", "name a number that is larger than the one there is"},
	{"kafka-retention", ExitOK, "Kafka keeps a topic in another way than weir counts on", "somebody changed the topic, or made it before weir did", "the message holds the kafka-configs.sh command"},
	{"kafka-tls", ExitMissing, "one side speaks TLS and the other does not", "the port is that of another listener, or bus.tls.enabled is wrong", "name the port of the right listener, or change bus.tls.enabled"},
	{"kafka-too-large", ExitMissing, "Kafka refuses a record as too large", "the topic's max.message.bytes is smaller than what bus.max_record needs", "raise max.message.bytes of the topic, or lower bus.max_record"},
	{"kafka-topic-gone", ExitMissing, "a topic of weir was deleted, or was made anew", "somebody deleted it: offsets of the new one begin at 0, and what the archive knows of the old one would take its records for copies", "stop weir, move archive and ledger.json in the data folder aside, weir topics create, start weir"},
	{"kafka-unreachable", ExitMissing, "no broker of Kafka answers", "it does not run, its address is another, or a firewall is between", "start Kafka, or correct bus.brokers; without bus.brokers weir runs its own"},
	{"kibana-auth", ExitMissing, "Kibana refused the user or key", "it does not know them, or they may not import in this space", "weir kibana import --api-key env:NAME; the role needs Saved Objects Management: All"},
	{"kibana-refused", ExitMissing, "what answers at Kibana's address did not take the import", "it is no Kibana, the base path or the space is wrong, or it has not started yet", "the message says what it answered; Kibana is mostly on port 5601"},
	{"kibana-unreachable", ExitMissing, "Kibana does not answer", "it does not run, its address is another, or its certificate is not trusted", "start Kibana, or correct --url and --ca"},
	{"kibana-version", ExitMissing, "Kibana is too old for weir's dashboards", "an older Kibana cannot read newer objects", "update Kibana to the version of Elasticsearch"},
	{"kafka-version", ExitMissing, "this Kafka cannot do what weir needs", "it is too old, or runs on ZooKeeper", "use Kafka 4.0, or 3.3 and later with KRaft"},
	{"kql-syntax", ExitUsage, "a query cannot be read", "a bracket, quote or operator is missing or too many", "weir help kql"},
	{"kql-unknown-field", ExitOK, "no event has the field of a query", "it is misspelt, or nothing fills it", "use the name that the message offers"},
	{"ledger-gap", ExitFound, "the ledger does not balance: events are missing or too many between two hops", "a fault of weir, or of the disk", "weir doctor, and report it with the output of weir ledger --json"},
	{"line-not-json", ExitOK, "a line on stdin is no ECS JSON document", "it is a raw line, or cut off", "for raw lines: weir detect --raw auto"},
	{"line-too-long", ExitUsage, "a line on stdin is too long", "the input has no line ends, or is no text", "split it"},
	{"lines-unusable", ExitFound, "some lines make no event", "they are not what their dataset says, or damaged", "look at the line that the message names; live such lines go to the dead letters"},
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
	{"snmp-credentials", ExitUsage, "the file of SNMP credentials has a mistake", "a community, a user, a protocol or a key in it cannot be used", "the message names the place; docs/snmp-traps.md shows a file"},
	{"source-unknown", ExitUsage, "no record ever came from this source", "its name is misspelt, or it never sent", "weir sources list"},
	{"stage-elsewhere", ExitUsage, "another process has what is asked for", "stages run in processes of their own, each with a data folder", "name the data folder of the process that has the stage with --data"},
	{"stream-hole", ExitFound, "records of a topic are missing", "each record names the one before it, and that one never came", "restart weir, which reads again from the last sure place, and report it"},
	{"time-ambiguous", ExitUsage, "a time came twice, or never was, because the clocks were changed", "local time is not unique then", "write one of the two readings of the message"},
	{"time-unknown", ExitUsage, "a time cannot be read", "it has none of the known forms", "weir help time"},
	{"usage", ExitUsage, "the command line is wrong", "a command, flag or argument does not exist or is missing", "the command with -h"},
	{"version-mismatch", ExitMissing, "the weir that runs here is another version than this command", "one of them was updated", "restart it, or use its program"},
	{"weir-gone", ExitMissing, "the running weir went away before it had answered", "it was stopped, or it ended", "ask again: without a running weir the files are read"},
}
