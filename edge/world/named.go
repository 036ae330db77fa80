package world

import (
	"fmt"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/internal/derive"
)

// accessKinds are the kinds of Access documents, by accessemu's name of them.
var accessKinds = map[string]Kind{
	"organization": KindOrganization, "app": KindApp, "policy": KindPolicy, "group": KindGroup, "list": KindList,
	"service_token": KindServiceToken, "custom_page": KindCustomPage, "identity_provider": KindIdentityProvider, "person": KindPerson,
}

// AccessKind is the kind of the documents that accessemu calls so in its errors
// and decisions; empty: there is none.
func AccessKind(name string) Kind { return accessKinds[name] }

// listed are those of one list of a file.
func listed[T any](at placed, list []T) (docs []*Document) {
	for i := range list {
		docs = append(docs, at.item(i).document(&list[i]))
	}
	return docs
}

// copied is a document of the caller's that is going to be completed.
func copied(value any) any {
	switch v := value.(type) {
	case *accessemu.Group:
		c := *v
		return &c
	case *accessemu.List:
		c := *v
		return &c
	case *accessemu.ServiceToken:
		c := *v
		return &c
	case *accessemu.CustomPage:
		c := *v
		return &c
	case *accessemu.IdentityProvider:
		c := *v
		return &c
	}
	panic(fmt.Sprintf("world: %T is not known by a name", value))
}

// identifyNamed derives a missing id from the name.
func identifyNamed(value any, account string) {
	id := func(id *string, kind, name string) {
		if *id == "" && name != "" {
			*id = derive.UUID(account, kind, name)
		}
	}
	switch v := value.(type) {
	case *accessemu.Group:
		id(&v.ID, "access_group", v.Name)
	case *accessemu.List:
		id(&v.ID, "list", v.Name)
	case *accessemu.ServiceToken:
		id(&v.ID, "access_service_token", v.Name)
	case *accessemu.CustomPage:
		id(&v.ID, "access_custom_page", v.Name)
	case *accessemu.IdentityProvider:
		if v.ID == "" {
			v.ID = accessemu.ProviderID(account, v.Type, v.Name)
		}
	}
}

func nameOf(value any) string {
	switch v := value.(type) {
	case *accessemu.Group:
		return v.Name
	case *accessemu.List:
		return v.Name
	case *accessemu.ServiceToken:
		return v.Name
	case *accessemu.CustomPage:
		return v.Name
	case *accessemu.IdentityProvider:
		return v.Name
	}
	return ""
}

// putNamed tries a document on accessemu. A service token that has no secret
// yet is given one by the edge.
func putNamed(txn *accessemu.Txn, value any) error {
	switch v := value.(type) {
	case *accessemu.Group:
		return txn.PutGroup(*v)
	case *accessemu.List:
		return txn.PutList(*v)
	case *accessemu.ServiceToken:
		c := *v
		if c.ClientSecret == "" && c.ClientSecretHash == "" {
			c.ClientSecret = "made-later"
		}
		return txn.PutServiceToken(c)
	case *accessemu.CustomPage:
		return txn.PutCustomPage(*v)
	case *accessemu.IdentityProvider:
		return txn.PutIdentityProvider(*v)
	}
	return nil
}
