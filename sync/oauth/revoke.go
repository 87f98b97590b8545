package oauth

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"panel/sync/cloud"
)

// revoking bounds how long Revoke takes: somebody waits for it, who can also
// revoke at Google.
const revoking = 10 * time.Second

// Revoke gives the authorization back at Google, or fails soon. It ends every token that the
// account gave to the client's Cloud project, on other computers too. A token
// that is already dead is no error.
func Revoke(ctx context.Context, client *cloud.Client, c Client, refreshToken string) error {
	ctx, cancel := context.WithTimeout(ctx, revoking)
	defer cancel()
	form := url.Values{"token": {refreshToken}}
	_, err := post(ctx, client, "revoke the authorization", c.RevokeURL, form, cloud.Patience{Tries: 2}, func(a *cloud.Answer) *cloud.Error {
		if a.Status == http.StatusOK {
			return nil
		}
		e := failure(a)
		if a.Status == http.StatusBadRequest && e.Code == "invalid_token" {
			return nil
		}
		return e
	})
	return err
}
