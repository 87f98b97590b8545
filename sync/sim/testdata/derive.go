//go:build ignore

// Derive writes graph_user.json: name, type and nullability of every structural property of microsoft.graph.user and of its
// base types. Its argument is the service's schema (schemas/v1.0-Prod.csdl of microsoftgraph/msgraph-metadata, or
// an extract of it):
//
//	go run derive.go graph-user-csdl.xml > graph_user.json
package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: go run derive.go SCHEMA")
	}
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var schema struct {
		Entities []struct {
			Name       string `xml:",attr"`
			BaseType   string `xml:",attr"`
			Properties []struct {
				Name     string `xml:",attr"`
				Type     string `xml:",attr"`
				Nullable string `xml:",attr"`
			} `xml:"Property"`
		} `xml:"DataServices>Schema>EntityType"`
	}
	if err := xml.Unmarshal(data, &schema); err != nil {
		log.Fatal(err)
	}
	first := true
	fmt.Print("[")
	for name := "graph.user"; name != ""; {
		base := ""
		for _, e := range schema.Entities {
			if "graph."+e.Name != name {
				continue
			}
			base = e.BaseType
			for _, p := range e.Properties {
				line, err := json.Marshal(map[string]any{"name": p.Name, "type": p.Type, "nullable": p.Nullable != "false"})
				if err != nil {
					log.Fatal(err)
				}
				if !first {
					fmt.Print(",")
				}
				first = false
				fmt.Printf("\n%s", line)
			}
		}
		name = base
	}
	fmt.Println("\n]")
}
