package asa

// inspectTable has what application inspection finds.
var inspectTable = []row{
	{"405101 405102 405103 405104 405105 405106 405107 405201 405300 405301", dropped, []string{
		`{reason} for {=foreign_address|faddr} {dst}[/{dport}] to {=local_address|laddr} {src}[/{sport}]`,
		`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`,
		`{reason} from {src}[/{sport}] to {dst}[/{dport}]`,
		`{reason:r}`,
	}},
	{"408001 408002 408003 408101 408102", routing, []string{`{reason:r}`}},
	{"410001", dropped, []string{
		`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}; {_:r}`,
		`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`,
	}},
	{"410002", dropped, []string{`{reason}: from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	{"410003 410004", dropped, []string{`{_}: {reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	{"416001", dropped, []string{
		`Dropped {proto} {service} packet from {sif}:{src}/{sport} to {dif}:{dst}/{dport}; {reason:r}`,
	}},
	{"423001 423002 423003 423004 423005", dropped, []string{`{=Allowed|Dropped} {reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	{"424001 424002", dropped, []string{
		`Packet denied {proto} {sif}:{src}/{sport} {dif}:{dst}/{dport}. {reason:r}`,
		`Connection {_} to or from {reason:r}`,
	}},
	{"431001 431002", dropped, []string{`{_} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}, Drop reason: {reason:r}`}},
	{"446001 446003", limited, []string{`{reason:r}`}},
	{"447001", exhausted, []string{`{reason:r}`}},
	{"507001", dropped, []string{`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport} - {_:r}`}},
	{"507002", dropped, []string{`{reason:r}`}},
	{"507003", dropped, []string{
		`{proto} flow from {sif}:{src}/{sport} to {dif}:{dst}/{dport} terminated by inspection engine, reason - {reason:r}`,
		`{proto} flow from {sif}:{src}/{sport} to {dif}:{dst}/{dport} terminated by inspection engine, {reason:r}`,
	}},
	{"508001 508002", dropped, []string{`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}, terminating connection`}},
	{"607002 607003 607004", dropped, []string{`{_}: {reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport}`}},
	{"608002 608003 608004 608005", dropped, []string{`{reason} for {sif}:{src}/{sport} to {dif}:{dst}/{dport}`, `{reason:r}`}},
	{"617001 617002 617003 617004", flowInfo, []string{`{reason} from {sif}:{src}/{sport} {_} {dif}:{dst}/{dport}`, `{reason:r}`}},
	{"618001", dropped, []string{`{reason} from {sif}:{src}/{sport} to {dif}:{dst}/{dport} for connection {conn}, {_:r}`}},
	{"620002 703001 703002 703008", dropped, []string{`{reason} from {sif}:{src}[/{sport}] to {dif}:{dst}[/{dport}]{_:r}`, `{reason:r}`}},
	{"726001", flowInfo, []string{`{reason} Packet flow from {sif}:[/]{src}/{sport} to {dif}:[/]{dst}/{dport} Action: {_:r}`}},
	{"767001", dropped, []string{`{reason} from {sif}:{src}[/{sport}] to {dif}:{dst}[/{dport}]`}},
	{"775001 775002 775003 775004 775005 775006 775007", flowInfo, []string{
		`{_}: {proto} connection {conn} from {sif}:{src}/{sport}[[ ]({sid})] to {dif}:{dst}/{dport} {reason:r}`,
		`{reason:r}`,
	}},
	{"802005 802006", authInfo, []string{`IP {src} {reason:r}`}},
}
