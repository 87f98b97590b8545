package storage

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"panel/directory"
)

// crashFolder names the folder that the test binary writes to until it is
// killed, when it is started as the victim.
const crashFolder = "PANEL_CRASH_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashFolder); dir != "" {
		var err error
		if backup := os.Getenv(restoreVictim); backup != "" {
			err = beKilledRestoring(dir, backup)
		} else {
			err = beKilled(dir, os.Getenv(crashFolder+"_KEY"))
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const crashBatch = 50

// crashAccounts is the n-th batch: each changes every account, and moves
// people about.
func crashAccounts(c directory.Cloud, n int) directory.Batch {
	b := directory.Batch{Cloud: c, Listing: directory.People, Run: fmt.Sprintf("run%06d", n), Docs: map[string][]byte{"n": []byte(strconv.Itoa(n))}}
	for i := range crashBatch {
		a := sampleAccount(c, i)
		a.Title = strconv.Itoa(n)
		a.Primary = fmt.Sprintf("p%d@x", (i*(n%7+1))%crashBatch)
		b.Accounts = append(b.Accounts, a)
	}
	return b
}

// beKilled writes batch after batch, and says when each is stored.
func beKilled(dir, key string) error {
	ctx := context.Background()
	k, err := hex.DecodeString(key)
	if err != nil {
		return err
	}
	s, err := Open(ctx, Options{Dir: dir, Key: k})
	if err != nil {
		return err
	}
	last, err := s.Inventory.Doc("n")
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(string(last)) // 0 at first
	for {
		n++
		if _, err := s.Inventory.Apply(ctx, crashAccounts(directory.Clouds[n%2], n)); err != nil {
			return err
		}
		fmt.Println("inventory", n)
		if err := s.Ledger.PutDoc(ctx, "n", []byte(strconv.Itoa(n))); err != nil {
			return err
		}
		fmt.Println("ledger", n)
		if n%5 == 0 {
			if err := s.Ledger.Snapshot(ctx); err != nil {
				return err
			}
		}
	}
}

// Whenever the process is killed, at its very first write too, what was said
// to be stored is there, and nothing is there by half.
func TestKill(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	batches := 0
	for range 6 { // folders
		dir, key := filepath.Join(t.TempDir(), "data"), NewKey()
		stored := map[string]int{}
		for range 5 { // kills
			cmd := exec.Command(exe)
			cmd.Env = append(os.Environ(), crashFolder+"="+dir, crashFolder+"_KEY="+hex.EncodeToString(key))
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			kill := time.AfterFunc(time.Duration(r.IntN(250))*time.Millisecond, func() { _ = cmd.Process.Kill() })
			for lines := bufio.NewScanner(out); lines.Scan(); {
				what, text, _ := strings.Cut(lines.Text(), " ")
				n, err := strconv.Atoi(text)
				if err != nil {
					t.Fatalf("the victim says %q", lines.Text())
				}
				stored[what] = n
			}
			_ = cmd.Wait() // it was killed
			kill.Stop()
			crashCheck(t, dir, key, stored)
		}
		batches += stored["inventory"]
	}
	if batches == 0 {
		t.Error("nothing was stored by any victim")
	}
}

// crashCheck opens the folder, and sets stored, what was said to be stored, to
// what is.
func crashCheck(t *testing.T, dir string, key []byte, stored map[string]int) {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if s.Losses != nil {
		t.Errorf("losses: %+v", s.Losses)
	}
	number := func(doc []byte, err error) int {
		t.Helper()
		n, _ := strconv.Atoi(string(doc))
		if err != nil {
			t.Error(err)
		}
		return n
	}
	n := number(s.Inventory.Doc("n"))
	if n < stored["inventory"] || n > stored["inventory"]+1 {
		t.Errorf("the inventory is at %d, %d was said to be stored", n, stored["inventory"])
	}
	l := number(s.Ledger.Doc("n"))
	if l < stored["ledger"] || l > stored["ledger"]+1 {
		t.Errorf("the ledger is at %d, %d was said to be stored", l, stored["ledger"])
	}
	stored["inventory"], stored["ledger"] = n, l
	want := map[string]string{}
	var accounts []directory.Account
	for i := max(1, n-1); i <= n; i++ {
		for _, a := range crashAccounts(directory.Clouds[i%2], i).Accounts {
			want[a.Key()] = a.Title
			accounts = append(accounts, a)
		}
	}
	for key, title := range want {
		c, id, _ := directory.SplitAccountKey(key)
		if a, ok, err := s.Inventory.Account(c, id); a.Title != title || !ok || err != nil {
			t.Fatalf("after batch %d an account has %q instead of %q, %v", n, a.Title, title, err)
		}
	}
	people := map[string]string{}
	for _, p := range directory.Merge(accounts, directory.Rules{}) {
		people[p.ID] = fmt.Sprintf("%+v", p)
	}
	err = s.Inventory.People(t.Context(), func(p *directory.Person) error {
		if people[p.ID] != fmt.Sprintf("%+v", *p) {
			return errors.New("a person is not what its accounts merge into")
		}
		delete(people, p.ID)
		return nil
	})
	if err != nil || len(people) > 0 {
		t.Errorf("after batch %d: %v, %d people are missing", n, err, len(people))
	}
}
