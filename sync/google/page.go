package google

import (
	"net/url"
	"reflect"

	"panel/directory"
	"panel/sync/cloud"
)

// wire is how one kind of listing looks at Google.
type wire struct {
	doing string
	path  string
	query url.Values // of every page
	sizes []int      // of a page, the largest first; nil when there are no pages
	kind  string
	array string
	// read decodes a page's records and appends them to the page.
	read func(body []byte, to *cloud.Page) (envelope, error)
}

var (
	userShape    = shapeOf(reflect.TypeFor[user]())
	orgUnitShape = shapeOf(reflect.TypeFor[orgUnit]())
	deviceShape  = shapeOf(reflect.TypeFor[device]())
)

// fields is the partial-response mask of a page of t's. Without kind and
// nextPageToken Google would leave those out.
func fields(array string, t reflect.Type) string {
	return "kind,nextPageToken," + array + "(" + mask(t) + ")"
}

var usersWire = wire{
	doing: "list people",
	path:  "users",
	query: url.Values{"customer": {"my_customer"}, "projection": {"full"}, "fields": {fields("users", reflect.TypeFor[user]())}},
	sizes: []int{500, 200, 100},
	kind:  "admin#directory#users",
	array: "users",
	read: func(body []byte, to *cloud.Page) (envelope, error) {
		to.Accounts = make([]directory.Account, 0, len(body)/600+1) // about right
		return readPage(body, "users", userShape, func(u *user) { to.Accounts = append(to.Accounts, u.account()) })
	},
}

var orgUnitsWire = wire{
	doing: "list organizational units",
	path:  "customer/my_customer/orgunits",
	query: url.Values{
		"type":   {"all"},
		"fields": {"kind,organizationUnits(" + mask(reflect.TypeFor[orgUnit]()) + ")"},
	},
	kind:  "admin#directory#orgUnits",
	array: "organizationUnits",
	read: func(body []byte, to *cloud.Page) (envelope, error) {
		return readPage(body, "organizationUnits", orgUnitShape, func(o *orgUnit) { to.OrgUnits = append(to.OrgUnits, o.orgUnit()) })
	},
}

// The order is left to Google: an ordered listing of Chromebooks has been
// seen to leave most of them out (github.com/taers232c/GAMADV-XTD3/issues/43).
var devicesWire = wire{
	doing: "list Chromebooks",
	path:  "customer/my_customer/devices/chromeos",
	query: url.Values{"projection": {"FULL"}, "fields": {fields("chromeosdevices", reflect.TypeFor[device]())}},
	// The documents disagree about the largest page: 300, 200 or 100.
	sizes: []int{300, 200, 100},
	kind:  "admin#directory#chromeosdevices",
	array: "chromeosdevices",
	read: func(body []byte, to *cloud.Page) (envelope, error) {
		to.Chromebooks = make([]directory.Chromebook, 0, len(body)/1100+1) // about right
		return readPage(body, "chromeosdevices", deviceShape, func(d *device) { to.Chromebooks = append(to.Chromebooks, d.chromebook()) })
	},
}

// envelope is what stands around the records of a page.
type envelope struct {
	kind string
	next string // the next page's token, "" on the last page
	// listed tells that the array was there, empty or not.
	listed bool
}

// readPage reads a page whose records are in the array of the given name, and
// gives each of them to add, which must not keep the pointer. Nothing may
// come twice in the envelope, and nothing after it: encoding/json would let
// either hide the records.
func readPage[T any](body []byte, array string, sh *shape, add func(*T)) (envelope, error) {
	s := &scanner{b: body, whole: string(body)}
	var (
		e    envelope
		rec  T
		v    = reflect.ValueOf(&rec).Elem()
		seen = map[string]bool{}
	)
	if s.peek() != '{' {
		if s.skip(); s.err == nil {
			s.err = errScalar
		}
		return e, s.err
	}
	s.open()
	for first := true; s.more(&first, '}'); {
		key := string(s.key())
		if seen[key] && s.err == nil {
			return e, errTwice
		}
		seen[key] = true
		switch c := s.peek(); {
		case key == "kind" && c == '"':
			e.kind = s.text()
		case key == "nextPageToken" && c == '"':
			e.next = s.text()
		case key == array && c == '[':
			e.listed = true
			s.open()
			for first := true; s.more(&first, ']'); {
				v.SetZero()
				s.read(v, sh)
				if s.err == nil {
					add(&rec)
				}
			}
		default:
			s.skip()
		}
	}
	if s.err == nil && s.peek() != 0 {
		s.fail()
	}
	// A NUL looks like the end to peek.
	if s.err == nil && s.i < len(s.b) {
		s.err = errSyntax
	}
	return e, s.err
}
