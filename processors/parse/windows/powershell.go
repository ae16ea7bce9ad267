package windows

import (
	"strings"

	"weir/event"
)

var (
	// Of the newer log.
	dPayload    = data("Payload")
	dContext    = data("ContextInfo")
	dScriptText = data("ScriptBlockText")
	dScriptID   = data("ScriptBlockId")
	dScriptPath = data("Path")
	dMessageNo  = data("MessageNumber")
	dMessageAll = data("MessageTotal")
	dRunspace   = data("RunspaceId")
	// Of the classic one, whose values have no names.
	dParam1 = data("param1")
	dParam2 = data("param2")
	dParam3 = data("param3")
)

// Numbers of PowerShell's events that are read further.
const (
	engineStarted = 400
	engineStopped = 403
	providerUp    = 600
	pipelineRan   = 800
	moduleLogged  = 4103
	scriptLogged  = 4104
	scriptStarted = 4105
	scriptEnded   = 4106
)

// powershell fills an event of PowerShell, of its classic log or the newer one. It tells whether it knows the number.
func powershell(e *event.Event, code int) bool {
	typ := isInfo
	switch code {
	case engineStarted, scriptStarted:
		typ = isStart
	case engineStopped, scriptEnded:
		typ = isEnd
	case providerUp, pipelineRan, moduleLogged, scriptLogged:
	default:
		return false
	}
	e.Set(event.EventCategory, inProcess)
	e.Set(event.EventType, typ)
	switch code {
	case engineStarted, engineStopped, providerUp, pipelineRan:
		classic(e, code)
	case moduleLogged:
		writer(e) // the process itself writes the event
		lines(dContext.of(e), " = ", func(key, value string) { contextValue(e, key, value) })
		invocations(e, dPayload.of(e))
	default:
		script(e, code)
		writer(e)
	}
	return true
}

// classic fills an event of the log "Windows PowerShell": its values have no names, and the last one is a text of lines
// with a name and a value each.
func classic(e *event.Event, code int) {
	// The last value is the text of lines, but for pipelines, where it is what was called.
	details := dParam3.of(e)
	if details == "" {
		if list := unnamed.value(e); list.Len() > 2 {
			details = list.Item(2).Text()
		}
	}
	first, second := nth(e, dParam1, 0), nth(e, dParam2, 1)
	switch code {
	case engineStarted, engineStopped:
		e.SetStr(event.PowershellEngineNewState, first)
		e.SetStr(event.PowershellEnginePreviousState, second)
	case providerUp:
		e.SetStr(event.PowershellProviderName, first)
		e.SetStr(event.PowershellProviderNewState, second)
	case pipelineRan:
		lines(second, "=", func(key, value string) { classicValue(e, key, value) })
		invocations(e, details)
		return
	}
	lines(details, "=", func(key, value string) { classicValue(e, key, value) })
}

// nth is a value without a name: an agent numbers them, other senders give a list.
func nth(e *event.Event, d *datum, i int) string {
	if s := d.of(e); s != "" {
		return s
	}
	return unnamed.value(e).Item(i).Text()
}

// lines calls fn for each line that has a name and a value. A value goes on until the next name: commands may be of many
// lines.
func lines(s, sep string, fn func(key, value string)) {
	key, value := "", ""
	for s != "" {
		var line string
		line, s, _ = strings.Cut(s, "\n")
		k, v, ok := strings.Cut(line, sep)
		if !ok && strings.HasSuffix(strings.TrimRight(line, "\r "), strings.TrimRight(sep, " ")) {
			k, ok = strings.TrimRight(strings.TrimRight(line, "\r "), strings.TrimRight(sep, " ")), true
		}
		// What does not look like a name belongs to the value before.
		if k = strings.TrimSpace(k); ok && isLabel(k) {
			if key != "" {
				fn(key, strings.TrimSpace(value))
			}
			key, value = k, v
		} else if key != "" {
			value += "\n" + line
		}
	}
	if key != "" {
		fn(key, strings.TrimSpace(value))
	}
}

// isLabel tells whether a text is the name of a value, which has letters and blanks only.
func isLabel(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != ' ' {
			return false
		}
	}
	return true
}

// classicValue sets one value of the details of a classic event.
func classicValue(e *event.Event, key, value string) {
	switch key {
	case "SequenceNumber":
		setNumber(e, event.EventSequence, value)
	case "HostName":
		e.SetStr(event.ProcessTitle, value)
	case "HostVersion":
		e.SetStr(event.PowershellProcessExecutableVersion, value)
	case "HostId":
		e.SetStr(event.ProcessEntityID, value)
	case "HostApplication":
		hostApplication(e, value)
	case "EngineVersion":
		e.SetStr(event.PowershellEngineVersion, value)
	case "RunspaceId":
		e.SetStr(event.PowershellRunspaceID, value)
	case "PipelineId":
		e.SetStr(event.PowershellPipelineID, value)
	case "CommandName":
		e.SetStr(event.PowershellCommandName, value)
	case "CommandType":
		e.SetStr(event.PowershellCommandType, value)
	case "CommandPath":
		e.SetStr(event.PowershellCommandPath, value)
	case "CommandLine":
		e.SetStr(event.PowershellCommandValue, value)
	case "ScriptName":
		scriptFile(e, value)
	case "UserId":
		runAs(e, value)
	case "DetailSequence":
		setNumber(e, event.PowershellSequence, value)
	case "DetailTotal":
		setNumber(e, event.PowershellTotal, value)
	}
}

// contextValue sets one value of the context of event 4103.
func contextValue(e *event.Event, key, value string) {
	switch key {
	case "Host Name":
		e.SetStr(event.ProcessTitle, value)
	case "Host Version":
		e.SetStr(event.PowershellProcessExecutableVersion, value)
	case "Host ID":
		e.SetStr(event.ProcessEntityID, value)
	case "Host Application":
		hostApplication(e, value)
	case "Engine Version":
		e.SetStr(event.PowershellEngineVersion, value)
	case "Runspace ID":
		e.SetStr(event.PowershellRunspaceID, value)
	case "Pipeline ID":
		e.SetStr(event.PowershellPipelineID, value)
	case "Command Name":
		e.SetStr(event.PowershellCommandName, value)
	case "Command Type":
		e.SetStr(event.PowershellCommandType, value)
	case "Command Path":
		e.SetStr(event.PowershellCommandPath, value)
	case "Script Name":
		scriptFile(e, value)
	case "Sequence Number":
		setNumber(e, event.EventSequence, value)
	case "User":
		runAs(e, value)
	case "Connected User":
		domain, name := qualified(value)
		e.SetStr(event.SourceUserName, name)
		e.SetStr(event.SourceUserDomain, domain)
		e.Append(event.RelatedUser, name)
		// Who connected from elsewhere acts here as the user of the engine.
		if name != "" {
			e.SetStr(event.DestinationUserName, e.Str(event.UserName))
			e.SetStr(event.DestinationUserDomain, e.Str(event.UserDomain))
		}
	case "Shell ID":
		e.SetStr(event.PowershellID, value)
	}
}

// hostApplication sets the process that PowerShell runs in.
func hostApplication(e *event.Event, line string) {
	e.SetStr(event.ProcessCommandLine, line)
	setArgs(e, event.ProcessArgs, event.ProcessArgsCount, line)
}

// scriptFile sets the file of the script that ran.
func scriptFile(e *event.Event, path string) {
	if path != "" {
		setFile(e, path)
	}
}

// runAs sets the user that the engine ran as.
func runAs(e *event.Event, s string) {
	domain, name := qualified(s)
	e.SetStr(event.UserName, name)
	e.SetStr(event.UserDomain, domain)
}

// invocations reads what was called: lines like CommandInvocation(Out-Null): "Out-Null" and
// ParameterBinding(Out-Null): name="InputObject"; value="x".
func invocations(e *event.Event, payload string) {
	var room [32]event.Value
	calls := room[:0]
	for payload != "" && len(calls) < maxCalls {
		var line string
		line, payload, _ = strings.Cut(payload, "\n")
		kind, rest, ok := strings.Cut(strings.TrimSpace(line), "(")
		command, details, closed := strings.Cut(rest, "): ")
		if !ok || !closed || !isLabel(kind) {
			continue
		}
		if kind != "ParameterBinding" {
			calls = append(calls, event.Members(event.Str("type"), event.Str(kind), event.Str("related_command"), event.Str(command), event.Str("value"), event.Str(details)))
			continue
		}
		// name="InputObject"; value="a"
		name, value, _ := strings.Cut(details, "; ")
		calls = append(calls, event.Members(event.Str("type"), event.Str(kind), event.Str("related_command"), event.Str(command),
			event.Str("name"), event.Str(unquote(name, "name=")), event.Str("value"), event.Str(unquote(value, "value="))))
	}
	if len(calls) > 0 {
		e.Set(event.PowershellCommandInvocationDetails, event.Items(calls...))
	}
}

// maxCalls bounds the calls of one event.
const maxCalls = 200

// unquote takes a name, and quotes, off a value.
func unquote(s, name string) string {
	s = strings.TrimPrefix(s, name)
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// script fills the events of script blocks.
func script(e *event.Event, code int) {
	e.SetStr(event.PowershellFileScriptBlockID, dScriptID.of(e))
	e.SetStr(event.PowershellRunspaceID, dRunspace.of(e))
	if code != scriptLogged {
		return
	}
	e.SetStr(event.PowershellFileScriptBlockText, dScriptText.of(e))
	setNumber(e, event.PowershellSequence, dMessageNo.of(e))
	setNumber(e, event.PowershellTotal, dMessageAll.of(e))
	scriptFile(e, dScriptPath.of(e))
}
