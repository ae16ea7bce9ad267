package asa

// unit is how messages of a failover pair name the unit that speaks.
const unit = `[({observer.name:p}) ]`

// systemTable has the device itself: failover, interfaces, routing, resources, licences.
var systemTable = []row{
	// Failover: cable, units, interfaces.
	{"101001 101002 101003 101004 101005 102001 103001 103002 103003 103004 103005 103006 103007 103008 104001 104002 104003 104004 104500 104501 104502 105001 105002 105003 105004 105005 105006 105007 105008 105009 105010 105011 105020 105021 105031 105032 105033 105034 105035 105036 105037 105038 105039 105040 105041 105042 105043 105044 105045 105046 105047 105048 105050 105052 105500 105501 105502 105503 105504 105505 105506 105507", failover, []string{unit + `{reason:r}`}},
	// Failover: state that is copied.
	{"210001 210002 210003 210005 210006 210007 210008 210010 210011 210020 210021 210022 311001 311002 311003 311004 709001 709002 709003 709004 709005 709006 709007 709008 709009 709010 709011 709012 709013", failover, []string{unit + `{reason:r}`}},
	// Failover: VPN.
	{"720001 720002 720003 720004 720005 720006 720007 720008 720009 720010 720011 720012 720013 720014 720015 720016 720017 720018 720019 720020 720021 720022 720023 720024 720025 720026 720027 720028 720029 720030 720031 720032 720033 720034 720035 720036 720037 720038 720039 720040 720041 720042 720043 720044 720045 720046 720047 720048 720049 720050 720051 720052 720053 720054 720055 720056 720057 720058 720059 720060 720061 720062 720063 720064 720065 720066 720067 720068 720069 720070 720071 720072 720073", failover, []string{unit + `{reason:r}`}},
	// Smart Call Home.
	{"120001 120002 120003 120004 120005 120006 120007 120008 120009 120010 120011 120012", system, []string{`{reason:r}`}},
	// Memory.
	{"211001 211002 211003 211004 215001 216001 216002 216003 216004 216005 217001 219002", exhausted, []string{`{reason:r}`}},
	// SNMP.
	{"212001 212002 212003 212004 212005 212006 212009 212010 212011 212012", system, []string{`{reason} from {src:ip}{_:r}`, `{reason:r}`}},
	// Routing: OSPF, EIGRP, tracked routes.
	{"317001 317002 317003 317004 317005 317006 317007 317008 318001 318002 318003 318004 318005 318006 318007 318008 318009 318101 318102 318103 318104 318105 318106 318107 318108 318109 318110 318111 318112 318113 318114 318115 318116 318117 318118 318119 318120 318121 318122 318123 318125 318126 318127 319001 319002 319003 319004 320001 336001 336002 336003 336004 336005 336006 336007 336008 336009 336010 336011 336012 336013 336014 336015 336016 336019 409001 409002 409003 409004 409005 409006 409007 409008 409009 409010 409011 409012 409013 409014 409015 409016 409017 409023 622001 622101 622102", routing, []string{`{reason:r}`}},
	// RIP that is not authentic.
	{"107001 107002 312001", denied, []string{`{reason} from {src}: {_} on interface {sif:w}`}},
	// Limits of a context.
	{"321001 321002", exhausted, []string{`Resource '{cisco.asa.resource}' {reason:r}`, `{reason:r}`}},
	{"321003 321004 321005 321006 321007", exhausted, []string{`{reason:r}`}},
	// Network admission control.
	{"333001 333002 333003 333009 334001 334002 334003 334004 334005 334006 334007 334008 334009", authInfo, []string{`{reason:r}`}},
	// Interfaces that go up and down.
	{"411001 411002", interfaces, []string{`Line protocol on interface {cisco.asa.interface_name}[,] {reason:r}`}},
	{"411003 411004 411005", interfaces, []string{`{_} interface {cisco.asa.interface_name:w} {reason:r}`, `{reason:r}`}},
	// The bridge table of transparent mode.
	{"412001", interfaces, []string{`MAC {source.mac:w} moved from {sif} to {dif:w}`}},
	{"412002", exhausted, []string{`{reason} while inserting MAC {source.mac:w} on interface {sif}. {_:r}`}},
	// Redundant interfaces and port channels.
	{"425001 425002 425003 425004", interfaces, []string{`{reason:r}`}},
	{"425005", switchover, []string{`Interface {cisco.asa.interface_name} become active in redundant interface {cisco.asa.redundant_interface_name:w}`}},
	{"425006", interfaces, []string{`{reason:r}`}},
	{"426001 426002 426003 426004 426101 426102 426103 426104", interfaces, []string{`PORT-CHANNEL:[ ]Interface {cisco.asa.interface_name} {reason:r}`, `{reason:r}`}},
	// Neighbours of OSPF.
	{"503001 503002 503003 503004 503005", routing, []string{`{=Process|Process} {_:n}, Nbr {dst} on {sif} from {reason:r}`, `{reason:r}`}},
	// DHCP, as client and as server.
	{"604101 604201", leaseStart, []string{`DHCP client interface {cisco.asa.interface_name}: Allocated ip = {cisco.asa.assigned_ip:a}{_:r}`, `{reason:r}`}},
	{"604102 604202", leaseEnd, []string{`DHCP client interface {cisco.asa.interface_name}: {reason:r}`, `{reason:r}`}},
	{"604103 604203 604206", leaseStart, []string{`DHCP daemon interface {cisco.asa.interface_name}: address granted {client.mac:w} ({client.ip})`, `{reason:r}`}},
	{"604104 604105 604204 604205 604207 604208", leaseEnd, []string{`DHCP daemon interface {cisco.asa.interface_name}: address released {client.mac:w} ({client.ip})`, `{reason:r}`}},
	// NTP.
	{"610001 610002", denied, []string{`NTP daemon interface {sif}: {reason} from {src}`}},
	{"610101", denied, []string{`{reason:r}`}},
	// Automatic updates.
	{"612001 612002 612003", configured, []string{`{reason:r}`}},
	{"615001 615002", interfaces, []string{`{reason:r}`}},
	// Limits of processes and debugging.
	{"701001 701002 711001 711002 711003 711004 711005 711006", system, []string{`{reason:r}`}},
	// Fans, temperatures and power.
	{"735001 735002 735003 735004 735005 735006 735007 735008 735009 735010 735011 735012 735013 735014 735015 735016 735017 735018 735019 735020 735021 735022 735023 735024 735025 735026 735027 735028 735029", system, []string{`{reason:r}`}},
	// Clusters.
	{"747001 747002 747003 747004 747005 747006 747007 747008 747009 747010 747011 747012 747013 747014 747015 747016 747017 747018 747019 747020 747021 747022 747023 747024 747025 747026 747027 747028 747029 747030 747031 747032 747033 747034 747035 747036 747037 747038 747039 747040 747041 747042", failover, []string{`Clustering: {reason:r}`, `{reason:r}`}},
	// TrustSec, and the compilation of rules.
	{"776001 776002 776003 776004 776005 776006 776007 776008 776009 776010 776011 776012 776013 776014 776015 776016 776017 776018 776019 776020 780001 780002 780003 780004", system, []string{`{reason:r}`}},
	// Licences.
	{"444004 444005 444007 444008 444009 444303 444304 444305 444306", system, []string{`{reason:r}`}},
}
