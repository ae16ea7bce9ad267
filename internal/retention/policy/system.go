package policy

import (
	"weir/internal/match"
	"weir/internal/retention"
	"weir/sinks/notify/routing"
)

// Classes that follow for the access records of a system.
const (
	access1y = "kr-pipa-access-1y"
	access2y = "kr-pipa-access-2y"
	// manySubjects is from how many data subjects on access records are kept for two years (article 8(1), proviso).
	manySubjects = 50_000
)

// System is one that holds personal data.
type System struct {
	Name      string         // as records say it in weir.privacy.system
	Aliases   []string       // other names that records say
	Title     retention.Text // as reports say it
	Owner     string
	Reviewers []string // who may review its access records
	// What decides for how long its access records are kept.
	Subjects          int64 // how many people's data it holds; 0: not said
	UniqueIdentifiers bool  // it holds unique identifiers
	Sensitive         bool  // it holds sensitive data
	Telecom           bool  // it belongs to a registered or notified telecommunications carrier
	Class             string
	// Because says which of them decided: subjects, unique-identifiers, sensitive, telecom, class; nothing for one year.
	Because []string
	// Which events are its own, beside records that name it. Events (KQL) are all of its events, for reviews; Match (expr),
	// Datasets and Hosts say which are access records.
	Events   string
	Match    string
	Datasets []string
	Hosts    []string
	// What a review of it needs to know.
	SharedAccounts []string
	Hours          routing.Hours // of business; empty: not said
	Zone           string        // of the hours; "" is that of the policy
	Countries      []string      // from which access is expected, as ISO codes; empty: not said
	Addresses      []string      // addresses and networks from which access is expected

	cond *match.Cond
}

// Condition is Match made ready, nil if there is none.
func (s *System) Condition() *match.Cond { return s.cond }

// settle decides the class of the access records, where the file does not name one.
func (s *System) settle() {
	if s.Class != "" {
		s.Because = []string{"class"}
		return
	}
	for _, reason := range []struct {
		holds bool
		slug  string
	}{{s.Subjects >= manySubjects, "subjects"}, {s.UniqueIdentifiers, "unique-identifiers"}, {s.Sensitive, "sensitive"}, {s.Telecom, "telecom"}} {
		if reason.holds {
			s.Because = append(s.Because, reason.slug)
		}
	}
	s.Class = access1y
	if len(s.Because) > 0 {
		s.Class = access2y
	}
}
