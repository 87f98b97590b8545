package view

import "time"

// Loss is one of Panel's own files that was damaged or missing when it was
// opened, and was replaced.
type Loss struct {
	// Ledger tells the ledger from the inventory.
	Ledger bool
	// Aside is the name that the damaged file was kept under, "" when it was
	// missing.
	Aside string
	// Restored is when the copy was made that stands in for it, zero when it
	// begins empty.
	Restored time.Time
	// LastChange tells that the file was kept, and that no more than its last
	// change may be lost.
	LastChange bool
}

// LossWords say what was lost, and what to do. Times are in zone.
func LossWords(l Loss, zone *time.Location) Words {
	w := Words{Title: "A data file was damaged", Tone: Bad}
	switch {
	case l.LastChange && l.Ledger:
		w = Words{
			Title: "A last change may be lost", Tone: Warn, Sentence: "Panel was interrupted while it wrote its ledger, so the last change to it may be lost.",
			Action: "Look whether your last setting or decision is as you left it.",
		}
	case l.LastChange:
		w = Words{
			Title: "A last change may be lost", Tone: Warn, Sentence: "Panel was interrupted while it wrote the inventory, so the last change to it may be lost.",
			Action: "The next sync brings it back.",
		}
	case !l.Ledger:
		w.Sentence = "The inventory was damaged, so Panel began a new one. Lost are the history of syncs, their change lists, and what could be brought back."
		w.Action = "A sync reads people, organizational units and Chromebooks again."
		w.Button = Button{Act: SyncNow, Text: "Sync now"}
	case !l.Restored.IsZero():
		w.Sentence = "The ledger was damaged or missing, and is again as it was at " + Exact(l.Restored, zone) + ". Lost is what was set or decided after that."
		w.Action = "Look whether your settings are as you left them."
		w.Button = Button{Act: OpenSettings, Text: "Settings"}
	default:
		w.Sentence = "The ledger was damaged or missing, and there is no copy of it. Lost are the settings, the connections to both clouds, and your decisions on duplicates."
		w.Action = "Connect the clouds again. What was imported stays."
	}
	if l.Aside != "" {
		w.Action += " The damaged file was not deleted: it is " + l.Aside + " in the data folder."
	}
	return w
}
