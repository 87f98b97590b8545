package cloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// BuiltinName is the [Profile.Name] of the clouds as the world knows them.
const BuiltinName = "built-in"

// Profile says where the clouds live. The zero value of a field means the
// built-in place, which the package of the cloud fills in.
type Profile struct {
	Google struct {
		AuthURL      string `json:"auth_url,omitempty"`
		TokenURL     string `json:"token_url,omitempty"`
		RevokeURL    string `json:"revoke_url,omitempty"`
		UserinfoURL  string `json:"userinfo_url,omitempty"`
		DirectoryURL string `json:"directory_url,omitempty"`
	} `json:"google,omitzero"`
	Microsoft struct {
		AuthorityHost string `json:"authority_host,omitempty"`
		GraphURL      string `json:"graph_url,omitempty"`
	} `json:"microsoft,omitzero"`
	// CAFile is an absolute path, or "".
	CAFile string `json:"ca_file,omitempty"`

	// Name is [BuiltinName], or the path of the file that the profile was
	// read from.
	Name string `json:"-"`
}

// Builtin is the profile of the clouds as the world knows them.
func Builtin() Profile { return Profile{Name: BuiltinName} }

// LoadProfile reads a profile, JSON with the keys of [Profile], from a file;
// "" gives [Builtin]. It refuses unknown keys, and URLs that are not https or
// http to loopback. A relative CA file lies beside the profile.
func LoadProfile(path string) (Profile, error) {
	if path == "" {
		return Builtin(), nil
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return Profile{}, fmt.Errorf("cloud profile: %w", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Profile{}, fmt.Errorf("cloud profile: %w", err)
	}
	p, err := parseProfile(data)
	if err != nil {
		return Profile{}, fmt.Errorf("cloud profile %s: %w", path, err)
	}
	if p.CAFile != "" && !filepath.IsAbs(p.CAFile) {
		p.CAFile = filepath.Join(filepath.Dir(path), p.CAFile)
	}
	p.Name = path
	return p, nil
}

// parseProfile decodes and checks a profile, and takes the trailing slashes
// off its URLs.
func parseProfile(data []byte) (Profile, error) {
	var p Profile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Profile{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return Profile{}, errors.New("more than one JSON value")
	}
	g, m := &p.Google, &p.Microsoft
	for _, base := range []*string{
		&g.AuthURL, &g.TokenURL, &g.RevokeURL, &g.UserinfoURL, &g.DirectoryURL,
		&m.AuthorityHost, &m.GraphURL,
	} {
		if *base == "" {
			continue
		}
		if err := checkBase(*base); err != nil {
			return Profile{}, err
		}
		*base = strings.TrimRight(*base, "/")
	}
	// MSAL takes the path's first part for the tenant, and no plain http.
	if u, _ := url.Parse(m.AuthorityHost); m.AuthorityHost != "" && (u.Scheme != "https" || u.Path != "") {
		return Profile{}, fmt.Errorf("authority_host %q is not https or has a path", m.AuthorityHost)
	}
	return p, nil
}

// checkBase tells what is wrong with a URL that others are appended to.
func checkBase(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return err
	case u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#"):
		return fmt.Errorf("%q is not the plain URL of a server", s)
	case !safe(u):
		return fmt.Errorf("%q is not https", s)
	}
	return nil
}
