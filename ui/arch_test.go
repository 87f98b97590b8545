package ui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// Views start no goroutine, so that they can be tested by plain calls; what
// runs beside them is started in one file, where it is seen to end.
func TestOnlyAsyncStartsGoroutines(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, entry := range files {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			what := ""
			switch n := n.(type) {
			case *ast.GoStmt:
				what = "a go statement"
			case *ast.SelectorExpr:
				x, _ := n.X.(*ast.Ident)
				switch {
				case n.Sel.Name == "Go":
					what = "a goroutine"
				case x != nil && x.Name == "fyne" && (n.Sel.Name == "Do" || n.Sel.Name == "DoAndWait"):
					what = "fyne." + n.Sel.Name
				}
			case *ast.ImportSpec:
				if strings.HasSuffix(n.Path.Value, `fyne/v2/app"`) {
					t.Errorf("%s: imports Fyne's app, which needs cgo", set.Position(n.Pos()))
				}
			}
			if what == "" {
				return true
			}
			if found++; name != "async.go" {
				t.Errorf("%s: %s outside async.go", set.Position(n.Pos()), what)
			}
			return true
		})
	}
	if found == 0 {
		t.Error("found nothing in async.go either: the test is blind")
	}
}
