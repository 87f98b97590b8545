package main

import (
	"errors"
	"fmt"
	"os"

	"panel/sync/sim"
)

// district is the size of a simulated district.
type district struct {
	People      int    `default:"3000" placeholder:"N" help:"How many people (default ${default})."`
	Chromebooks int    `default:"2000" placeholder:"N" help:"How many Chromebooks (default ${default})."`
	Seed        uint64 `default:"1" placeholder:"S" help:"The same seed makes the same district (default ${default})."`
}

type simulateCmd struct {
	Listen string `default:"127.0.0.1:0" placeholder:"127.0.0.1:PORT" help:"Where Google and Graph are served; port 0 takes a free one (default ${default})."`
	district
	Faults string `placeholder:"FILE" help:"Faults to begin with, as POST /_sim/faults takes them."`
}

// Run serves the simulated clouds until the context ends.
func (c *simulateCmd) Run(a *app) error {
	clouds := sim.New(sim.Config{People: c.People, Chromebooks: c.Chromebooks, Seed: c.Seed})
	if c.Faults != "" {
		data, err := os.ReadFile(c.Faults)
		if err != nil {
			return usageError{fmt.Errorf("read the faults: %w", err)}
		}
		faults, err := sim.ReadFaults(data)
		if err != nil {
			return usageError{fmt.Errorf("faults %s: %w", c.Faults, err)}
		}
		if err := clouds.SetFaults(faults); err != nil {
			return usageError{fmt.Errorf("faults %s: %w", c.Faults, err)}
		}
	}
	server, err := clouds.Start(c.Listen)
	if err != nil {
		return usageError{err}
	}
	if _, err := a.out.Write(server.Ready()); err != nil {
		return errors.Join(fmt.Errorf("print where the simulated clouds are: %w", err), server.Close())
	}
	<-a.ctx.Done()
	return server.Close()
}
