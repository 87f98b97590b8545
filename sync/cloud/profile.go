package cloud

// Profile says where the clouds live. The zero value of a field means the
// built-in place.
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
	CAFile string `json:"ca_file,omitempty"`

	// Name is "built-in", or the path of the file that the profile was read
	// from.
	Name string `json:"-"`
}
