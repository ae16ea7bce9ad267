package show

import (
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"

	"weir/internal/control"
	"weir/internal/term"
)

// SendCommand sends one line to the syslog port with what this machine has.
//
// The order is by how short the line is; bash comes last, and is there nearly always. A listener on all addresses is
// reached by that of this machine.
func SendCommand(ports []control.Port) string {
	i := slices.IndexFunc(ports, func(p control.Port) bool { return p.Input == "syslog" && p.Proto == "udp" })
	if i < 0 {
		return ""
	}
	host, port, err := net.SplitHostPort(ports[i].Address)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	if _, err := exec.LookPath("nc"); err == nil {
		return fmt.Sprintf("echo '<34>hello weir' | nc -u -w1 %s %s", host, port)
	}
	if _, err := exec.LookPath("logger"); err == nil {
		return fmt.Sprintf("logger -n %s -P %s -d hello weir", host, port)
	}
	return fmt.Sprintf("bash -c \"echo '<34>hello weir' > /dev/udp/%s/%s\"", host, port)
}

// Listening says who may send, then the ports by input, wrapped: syslog 5514 udp tcp, 6514 tls.
// That anybody may send is said before the ports: it is the one line of the screen that can be dangerous.
func Listening(ports []control.Port, width int) []string {
	if len(ports) == 0 {
		return []string{"nowhere: every input is off"}
	}
	open := slices.ContainsFunc(ports, func(p control.Port) bool { return !loopback(p.Address) })
	out := []string{"only for this machine (open it to devices: --listen 0.0.0.0)"}
	if open {
		out[0] = "also for other machines: whoever reaches these ports may send"
	}
	var inputs []string
	for _, p := range ports {
		if !slices.Contains(inputs, p.Input) {
			inputs = append(inputs, p.Input)
		}
	}
	line := ""
	for i, in := range inputs {
		text := in + " " + portWords(in, ports)
		if i < len(inputs)-1 {
			text += ";"
		}
		if line != "" && term.Cells(line)+1+term.Cells(text) > width {
			out = append(out, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + text)
	}
	return append(out, line)
}

// portWords lists the ports of an input, the protocols of one port together.
// In the order in which they were opened, which is that of the configuration.
func portWords(input string, ports []control.Port) string {
	var order []string
	protos := map[string][]string{}
	for _, p := range ports {
		if p.Input != input {
			continue
		}
		_, port, err := net.SplitHostPort(p.Address)
		if err != nil {
			port = p.Address
		}
		if _, seen := protos[port]; !seen {
			order = append(order, port)
		}
		if !slices.Contains(protos[port], p.Proto) {
			protos[port] = append(protos[port], p.Proto)
		}
	}
	for i, port := range order {
		order[i] = port + " " + strings.Join(protos[port], " ")
	}
	return strings.Join(order, ", ")
}

// loopback tells whether only this machine reaches an address. What cannot be read counts as open: better a warning too
// many.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
