package asa

// ike is how IKE version 1 messages begin, as far as the peer is known.
const ike = `[Group = {sgroup}, ][Username = {suser}, ][IP = {src}, ]`

// peers is how IKE version 2 messages begin.
const peers = `Local:[ ]{dst:ip}:[ ]{dport} Remote:[ ]{src:ip}:[ ]{sport} Username:[ ]{suser:w} `

// ikeTable has IPsec and its negotiation.
var ikeTable = []row{
	// Packets that IPsec drops.
	{"402114 402118 402119 402120", ipsecDrop, []string{
		`IPSEC: Received an {network.protocol:w} packet (SPI=[ ]{cisco.asa.spi}, sequence number[=][ ]{_:w} from {src} (user=[ ]{suser}) to {dst} {reason:r}`,
		`IPSEC: Received an {network.protocol:w} packet (SPI=[ ]{cisco.asa.spi}, sequence number[=][ ]{_:w} from {src}[ ({suser:p})] to {dst} {reason:r}`,
	}},
	{"402115", ipsecDrop, []string{`IPSEC: Received a packet from {src} to {dst} {reason:r}`}},
	{"402116", ipsecDrop, []string{
		`IPSEC: Received an {network.protocol:w} packet (SPI=[ ]{cisco.asa.spi}, sequence number[=][ ]{_:w} from {src} (user=[ ]{suser}) to {dst}. {reason:r}`,
		`IPSEC: Received an {network.protocol:w} packet (SPI=[ ]{cisco.asa.spi}, sequence number[=][ ]{_:w} from {src}[ ({suser:p})] to {dst}. {reason:r}`,
	}},
	// Packets that should have been encrypted.
	{"402117", ipsecDrop, []string{
		`IPSEC: Received a non-IPSec packet (protocol=[ ]{proto:t}) from {src} to {dst}`,
		`IPSEC: Received a non-IPSec ({proto:t}) packet from {src} to {dst}`,
	}},
	{"402121", ipsecDrop, []string{
		`IPSEC: Received an {network.protocol:w} packet (SPI=[ ]{cisco.asa.spi}, sequence number[=][ ]{_:w} from {src} ({=user= |user=|}{suser:p}) to {dst} that was dropped by IPsec ({reason})`,
	}},
	{"402122", ipsecDrop, []string{`IPSEC: {reason} from {src} to {dst}: {_:r}`, `{reason:r}`}},
	// The size of packets on a path.
	{"602101", flowInfo, []string{`{reason} dest_addr=[ ]{dst}, src_addr=[ ]{src}, prot=[ ]{proto}`}},
	{"602103 602104 602305 602306", tunnelInfo, []string{`IPSEC: {reason} from {src}{_:r}`, `IPSEC: {reason:r}`}},
	// SAs that begin, end and are renewed.
	{"602303", tunnelUp, saPatterns},
	{"602304", tunnelDown, saPatterns},
	{"702305 702307", tunnelInfo, saPatterns},
	// IKE version 1: news.
	{"713035 713041 713121 713130 713172 713184 713199 713211 713213 713222 713224 713225 713227 713231 713236 713257 713902 713904 713905 713906 714001 714002 714003 714004 714005 714006 714007 714011 715001 715004 715005 715006 715007 715008 715009 715013 715019 715020 715021 715022 715027 715028 715031 715032 715033 715034 715035 715036 715037 715038 715039 715040 715041 715042 715044 715045 715046 715047 715048 715049 715050 715051 715052 715053 715054 715055 715056 715057 715058 715059 715060 715061 715062 715063 715064 715065 715066 715067 715068 715069 715070 715071 715072 715074 715075 715076 715077 715078 715079 715080", tunnelInfo, []string{ike + `{reason:r}`}},
	// IKE version 1: errors.
	{"713048 713056 713061 713068 713073 713074 713075 713076 713081 713086 713088 713098 713107 713122 713123 713132 713133 713134 713137 713138 713140 713141 713142 713143 713144 713149 713152 713155 713160 713162 713163 713164 713165 713166 713168 713169 713170 713174 713177 713182 713187 713189 713190 713193 713194 713195 713196 713198 713201 713203 713214 713217 713219 713220 713226 713232 713233 713234 713235 713237 713239 713240 713241 713242 713243 713244 713245 713246 713247 713248 713249 713250 713251 713252 713253 713254 713255 713260 713261 713262 713265 713266 713267 713268 713269 713270 713271 713272 713273 713274 713275 713900 713901 713903", tunnelFail, []string{ike + `{reason:r}`}},
	// Tunnels that end.
	{"713050 713259", tunnelDownIKE, []string{
		`Connection terminated for peer {src}. Reason: {reason} Remote Proxy {_:r}`,
		`Connection terminated for peer {suser}. Reason: {reason} Remote Proxy {_:r}`,
		ike + `Session is being torn down. Reason: {reason:r}`,
		ike + `{reason:r}`,
	}},
	// Tunnels that begin.
	{"713049", tunnelUpIKE, []string{
		ike + `Security negotiation complete for {_} ({suser:p}) {_}, Inbound SPI = {cisco.asa.spi}, Outbound SPI = {_:r}`,
		ike + `{reason:r}`,
	}},
	{"713119 713120", tunnelUpIKE, []string{ike + `{reason:r}`}},
	// Addresses of clients.
	{"713228", vpnAddress, []string{ike + `Assigned private IP address {cisco.asa.assigned_ip:a} {reason:r}`}},
	{"713229 713230", tunnelFail, []string{ike + `{reason:r}`}},
	// IKE version 2: news, errors, tunnels.
	{"750001 750002 750005 750008 750009 750010 750011 750012 750013 750014 750015 750016", tunnelInfo, []string{peers + `{reason:r}`}},
	{"750003 750004", tunnelFail, []string{peers + `{_} due to ERROR: {reason:r}`, peers + `{reason:r}`, `{reason:r}`}},
	{"750006", tunnelUpIKE, []string{peers + `SA UP. Reason: {reason:r}`, peers + `{reason:r}`}},
	{"750007", tunnelDownIKE, []string{peers + `SA DOWN. Reason: {reason:r}`, peers + `{reason:r}`}},
	{"751001 751002 751003 751004 751005 751006 751007 751008 751009 751010 751011 751012 751013 751015 751016 751017 751018 751019 751021 751022 751023 751024 751027", tunnelFail, []string{peers + `{_} Error: {reason:r}`, peers + `{reason:r}`}},
	// IKE version 2: clients.
	{"751014 751020 751026 751028", tunnelInfo, []string{peers + `[Group:[ ]{sgroup:w} ]{reason:r}`}},
	{"751025", vpnAddress, []string{
		peers + `Group:[ ]{sgroup:w} IPv4 Address=[ ]{cisco.asa.assigned_ip:a} IPv6 address=[ ]{_:a} assigned to session`,
		peers + `Group:[ ]{sgroup:w} {reason:r}`,
	}},
	// The tunnel manager, which chooses between the versions.
	{"752001 752002 752003 752004 752005 752006 752007 752008 752009 752010 752011 752012 752013 752014 752015 752016 752017", tunnelInfo, []string{`{reason:r}`}},
}

// saPatterns are the texts of the life of an SA.
var saPatterns = []string{
	`IPSEC: An {dir} {cisco.asa.tunnel_type} SA (SPI=[ ]{cisco.asa.spi}) between {src} and {dst} (user=[ ]{user:p}) {=has been|is} {reason:r}`,
	`IPSEC: An {dir} {cisco.asa.tunnel_type} SA (SPI=[ ]{cisco.asa.spi}) between {src} and {dst}[ ({user:p})] {=has been|is} {reason:r}`,
}
