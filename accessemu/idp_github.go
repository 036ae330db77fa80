package accessemu

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const (
	githubPage  = 100
	githubPages = 10 // of one list
)

type githubUser struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Name  string `json:"name"`
}

type githubEmail struct {
	Email    string `json:"email"`
	Primary  bool   `json:"primary"`
	Verified bool   `json:"verified"`
}

type githubOrg struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
}

type githubTeam struct {
	ID   int64     `json:"id"`
	Name string    `json:"name"`
	Slug string    `json:"slug"`
	Org  githubOrg `json:"organization"`
}

// askGitHub changes the code for an access token, and reads with it who that is: the
// verified primary address, the organizations and the teams.
func (s *State) askGitHub(ctx context.Context, p *provider, a *attempt, code string) (*claimed, error) {
	ctx, cancel := context.WithTimeout(ctx, providerTime)
	defer cancel()
	answer, err := s.exchange(ctx, p, a, code)
	if err != nil {
		return nil, err
	}
	if answer.AccessToken == "" {
		return nil, unusable(p.doc.Config.TokenURL+" answered no access_token", "")
	}
	api := githubClient{s, ctx, strings.TrimSuffix(p.doc.Config.APIURL, "/"), answer.AccessToken}
	var user githubUser
	if err := api.get("/user", &user); err != nil {
		return nil, err
	}
	w := &claimed{provider: p, id: strconv.FormatInt(user.ID, 10), name: user.Name}
	if w.name == "" {
		w.name = user.Login
	}
	emails, err := githubList[githubEmail](api, "/user/emails")
	if err != nil {
		return nil, err
	}
	for _, e := range emails {
		if e.Primary && e.Verified {
			w.email, _ = canonicalEmail(e.Email)
		}
	}
	if w.email == "" {
		return nil, unusable("the GitHub account "+quote(clean(user.Login))+" has no verified primary e-mail address", "verify one at GitHub, and let the OAuth app read it (scope user:email)")
	}
	orgs, err := githubList[githubOrg](api, "/user/orgs")
	if err != nil {
		return nil, err
	}
	for _, o := range orgs {
		w.member(o.ID, o.Login, o.Login)
	}
	teams, err := githubList[githubTeam](api, "/user/teams")
	if err != nil {
		return nil, err
	}
	for _, t := range teams {
		// Rules know a team by its name, or by the name in its URL.
		w.member(t.ID, t.Org.Login+"/"+t.Slug, t.Org.Login+"/"+t.Name)
	}
	return w, nil
}

// member puts one organization or team in, under the names that rules may use.
func (w *claimed) member(id int64, names ...string) {
	text := strconv.FormatInt(id, 10)
	w.shown = append(w.shown, membership{ID: text, Name: names[len(names)-1]})
	for i, name := range names {
		if i == 0 || name != names[0] {
			w.groups = append(w.groups, membership{ID: text, Name: name})
		}
	}
}

type githubClient struct {
	state *State
	ctx   context.Context
	base  string
	token string
}

func (g githubClient) get(path string, into any) error {
	r, err := http.NewRequestWithContext(g.ctx, http.MethodGet, g.base+path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "application/vnd.github+json")
	r.Header.Set("Authorization", "Bearer "+g.token)
	r.Header.Set("User-Agent", "sundog")
	status, err := g.state.fetchFrom(r, into)
	if status != 0 && status != http.StatusOK {
		return unusable(fmt.Sprintf("%s%s answered %d", g.base, r.URL.Path, status), "look at the scopes (user:email and read:org), and at what the organization lets the OAuth app see")
	}
	return err
}

// githubList reads a list page by page.
func githubList[T any](g githubClient, path string) (all []T, err error) {
	for page := 1; page <= githubPages; page++ {
		var some []T
		if err := g.get(fmt.Sprintf("%s?per_page=%d&page=%d", path, githubPage, page), &some); err != nil {
			return nil, err
		}
		if all = append(all, some...); len(some) < githubPage {
			break
		}
	}
	return all, nil
}
