package windows

import (
	"strings"
	"testing"

	"weir/event"
)

func classicLog(code string, values ...string) string {
	var kv []string
	for _, v := range values {
		kv = append(kv, "", v)
	}
	return eventXML("PowerShell", "Windows PowerShell", code, "0x80000000000000", kv...)
}

func operational(code string, kv ...string) string {
	return eventXML("Microsoft-Windows-PowerShell", "Microsoft-Windows-PowerShell/Operational", code, "0x0", kv...)
}

func TestPowershell(t *testing.T) {
	details := "\tNewEngineState=Available\n\n\tSequenceNumber=13\n\n\tHostName=ConsoleHost\n\tHostVersion=5.1\n\tHostId=aa\n\tHostApplication=powershell.exe -c \"a\nb=1\"\n\tEngineVersion=5.1.1\n\tRunspaceId=bb\n\tPipelineId=7\n\tCommandName=\n\tScriptName=C:\\s\\a.ps1\n\tCommandLine="
	for name, c := range map[string]struct {
		msg    string
		fields want
	}{
		"the engine starts": {classicLog("400", "Available", "None", details),
			want{"event.type": "start", "powershell.engine.new_state": "Available",
				"powershell.engine.previous_state": "None", "event.sequence": "13",
				"process.title": "ConsoleHost", "process.entity_id": "aa",
				"powershell.engine.version": "5.1.1", "powershell.runspace_id": "bb",
				"powershell.pipeline_id": "7", "file.name": "a.ps1", "powershell.command.name": "",
				"winlog.event_data.param3": details}},
		"the engine stops": {classicLog("403", "Stopped", "Available", details),
			want{"event.type": "end", "powershell.engine.new_state": "Stopped"}},
		"a provider": {classicLog("600", "Registry", "Started", details),
			want{"event.type": "info", "powershell.provider.name": "Registry",
				"powershell.provider.new_state": "Started", "powershell.engine.new_state": ""}},
		"a pipeline": {classicLog("800", "Get-Item x",
			"\tDetailSequence=1\n\tDetailTotal=2\n\n\tSequenceNumber=15\n\n\tUserId=CORP\\kim\n\tHostName=ConsoleHost\n\tCommandLine=Get-Item x",
			"CommandInvocation(Get-Item): \"Get-Item\"\nParameterBinding(Get-Item): name=\"Path\"; value=\"a\"; b\"\n"),
			want{"user.name": "kim", "user.domain": "CORP", "powershell.sequence": "1",
				"powershell.total": "2", "powershell.command.value": "Get-Item x", "event.sequence": "15"}},
		"a module": {operational("4103", "ContextInfo",
			"        Severity = Informational\n        Host Name = ServerRemoteHost\n        Host Version = 1.0\n        Host ID = cc\n        Host Application = C:\\w.exe -Embedding\n        Engine Version = 5.1\n        Runspace ID = dd\n        Pipeline ID = 1\n        Command Name = a.exe\n        Command Type = Application\n        Script Name = \n        Command Path = C:\\a.exe\n        Sequence Number = 34\n        User = CORP\\kim\n        Connected User = CORP\\lee\n        Shell ID = Microsoft.PowerShell\n",
			"Payload", "CommandInvocation(a.exe): \"a.exe\"\n"),
			want{"process.title": "ServerRemoteHost", "process.args": `C:\w.exe,-Embedding`,
				"powershell.command.path": `C:\a.exe`, "powershell.command.type": "Application",
				"event.sequence": "34", "user.name": "kim", "source.user.name": "lee",
				"destination.user.name": "kim", "powershell.id": "Microsoft.PowerShell",
				"user.id": "S-1-5-18", "file.path": ""}},
		"a script": {operational("4104", "MessageNumber", "1", "MessageTotal", "2",
			"ScriptBlockText", "x", "ScriptBlockId", "ee", "Path", `C:\a.ps1`),
			want{"powershell.file.script_block_text": "x", "powershell.sequence": "1",
				"powershell.total": "2", "file.path": `C:\a.ps1`, "event.type": "info",
				"user.id": "S-1-5-18"}},
		"a script runs": {operational("4105", "ScriptBlockId", "ee", "RunspaceId", "ff"),
			want{"event.type": "start", "powershell.runspace_id": "ff"}},
		"a script ended": {operational("4106", "ScriptBlockId", "ee"), want{"event.type": "end"}},
		"another one":    {operational("40961"), want{"event.category": "", "user.id": "S-1-5-18"}},
		"without values": {classicLog("400"), want{"powershell.engine.new_state": "",
			"event.type": "start"}},
	} {
		t.Run(name, func(t *testing.T) { check(t, c.msg, c.fields) })
	}
}

// A value of several lines goes on until the next name, in either log.
func TestLines(t *testing.T) {
	for text, want := range map[string]string{
		"\tA=1\n\tB=2":            "A:1 B:2",
		"A=1\n{ x }\nB=2":         "A:1\n{ x } B:2",
		"A=\nB=":                  "A: B:",
		"no names":                "",
		"\tHost Name = x\n\tB = ": "Host Name:x B:",
		"A=b=c":                   "A:b=c",
	} {
		sep := "="
		if strings.Contains(text, " = ") {
			sep = " = "
		}
		var got []string
		lines(text, sep, func(k, v string) { got = append(got, k+":"+v) })
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q: %q, want %q", text, s, want)
		}
	}
}

func TestInvocations(t *testing.T) {
	var e event.Event
	invocations(&e,
		"CommandInvocation(Out-Null): \"Out-Null\"\r\nParameterBinding(Out-Null): name=\"InputObject\"; value=\"a; b\"\nnonsense\nTerminatingError(x): \"no\"\n"+strings.Repeat("A(b): c\n",
			maxCalls))
	v := e.Get(event.PowershellCommandInvocationDetails)
	if v.Len() != maxCalls {
		t.Fatalf("%d calls", v.Len())
	}
	for i, want := range []string{
		`{"type":"CommandInvocation","related_command":"Out-Null","value":"\"Out-Null\""}`,
		`{"type":"ParameterBinding","related_command":"Out-Null","name":"InputObject","value":"a; b"}`,
		`{"type":"TerminatingError","related_command":"x","value":"\"no\""}`,
	} {
		if got := string(v.Item(i).AppendJSON(nil)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
