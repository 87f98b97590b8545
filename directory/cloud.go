package directory

// Cloud names one of the clouds that Panel reads.
type Cloud string

// The two clouds, in the order in which a sync visits them and in which their
// values overwrite each other: what Microsoft says stands above what Google
// says.
const (
	Google    Cloud = "google"
	Microsoft Cloud = "microsoft"
)

// Clouds lists every cloud in the order of a sync.
var Clouds = []Cloud{Google, Microsoft}

// Listing names one kind of record that a cloud can list.
type Listing string

// The listings. Microsoft has only [People].
const (
	People      Listing = "people"
	OrgUnits    Listing = "orgunits"
	Chromebooks Listing = "chromebooks"
)

// Listings returns what c can list, in the order in which a sync asks for it.
func (c Cloud) Listings() []Listing {
	if c == Google {
		return []Listing{OrgUnits, People, Chromebooks}
	}
	return []Listing{People}
}
