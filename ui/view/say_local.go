package view

import "panel/sync/cloud"

// localSayings are what can go wrong on this computer.
var localSayings = map[reason]saying{
	{kind: cloud.Storage}: {
		title: "The data cannot be read or written", sentence: "Panel could not read or write its own files.",
		action: "Nothing that was saved before is lost. Check the disk, then try again.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Storage, code: "disk_full"}: {
		title: "The disk is full", sentence: "There is no room left on the disk that holds Panel's data.",
		action: "Nothing that was saved before is lost. Make room, then try again.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Storage, code: "read_only"}: {
		title: "Panel may not write its data", sentence: "The data folder, or the disk that it is on, lets Panel read but not write.",
		action: "Make the folder writable for your account, then try again.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Storage, code: "damaged"}: {
		title: "A data file is damaged", sentence: "A file of Panel's is not as Panel wrote it.", detail: "It is {detail}.",
		action: "It was set aside under a name with the date, not deleted. A sync brings the inventory back; the ledger comes back from its newest good snapshot.",
		button: Button{Act: SyncNow, Text: "Sync now"}, tone: Bad,
	},
	{kind: cloud.Storage, code: "damaged_untouched"}: {
		title: "A data file is damaged", sentence: "A file of Panel's is damaged, and was left as it is.", detail: "It is {detail}.",
		action: "Start Panel, or run a sync: the file is then set aside under a name with the date, and what can be is brought back.",
		tone:   Bad,
	},
	{kind: cloud.Storage, code: "output"}: {
		title: "The file could not be written", sentence: "Panel could not write the file that you named.", detail: "It is {detail}.",
		action: "Choose another name or folder, then try again.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Storage, code: "output_full"}: {
		title: "There is no room for the file", sentence: "There is no room left to write the file, on its disk or for temporary files.", detail: "It is {detail}.",
		action: "What was there before is as it was. Make room or choose another disk, then try again.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Storage, code: "output_read_only"}: {
		title: "The folder cannot be written to", sentence: "The folder that the file was to be written to does not let you write.", detail: "The file is {detail}.",
		action: "Choose another folder, then try again.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Storage, code: "output_no_folder"}: {
		title: "The folder is not there", sentence: "The folder that the file was to be written to is not there.", detail: "The file is {detail}.",
		action: "Choose another folder, then try again.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Storage, code: "output_in_use"}: {
		title: "The file could not be replaced", sentence: "Panel could not put the new file in the place of the old one, which is as it was.", detail: "It is {detail}.",
		action: "Close it where it is open, or choose another name, then try again.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Unexpected, code: "no_page"}: {
		title: "The list cannot be printed", sentence: "Panel found no free port on this computer to hand the list to your browser on; security software may forbid it.",
		action: "Allow Panel to listen on 127.0.0.1, then print again, or export the list.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Storage, code: "backup_nothing"}: {
		title: "There is nothing to back up", sentence: "There is no data in the data folder yet.",
		action: "Set Panel up first, then back up.", typed: "Set Panel up first, or name the right folder with --data.", tone: Warn,
	},
	{kind: cloud.Storage, code: "backup_inside"}: {
		title: "A backup belongs elsewhere", sentence: "That place is inside Panel's own data folder, and would be lost together with it.",
		action: "Choose a folder outside of it, best on another disk.", tone: Warn,
	},
	{kind: cloud.Storage, code: "backup_unreadable"}: {
		title: "The backup cannot be read", sentence: "Panel could not read the backup's file.", detail: "It is {detail}.",
		action: "Check that it is there and that your account may read it, then try again. Nothing was changed.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Storage, code: "backup_not"}: {
		title: "That is not a backup", sentence: "That file is not a backup of Panel.",
		action: "Choose the file that Panel's Back up wrote. Nothing was changed.", typed: "Name the file that panel backup wrote. Nothing was changed.", tone: Bad,
	},
	{kind: cloud.Storage, code: "backup_passphrase"}: {
		title: "The passphrase does not open the backup", sentence: "The backup does not open with this passphrase.",
		action: "It is the one that was chosen when this backup was made. Try again; nothing was changed.", tone: Bad,
	},
	{kind: cloud.Storage, code: "backup_newer"}: {
		title: "The backup is of a newer Panel", sentence: "The backup was made by a newer version of Panel, which this one cannot read.",
		action: "Install the newer version, and restore with that. Nothing was changed.", tone: Bad,
	},
	{kind: cloud.Storage, code: "backup_cut"}: {
		title: "The backup is not complete", sentence: "The backup ends too early: a part of the file is missing, or its end is damaged.",
		action: "Copy it again from where it was made, or use another backup. Nothing was changed.", tone: Bad,
	},
	{kind: cloud.Storage, code: "backup_damaged"}: {
		title: "The backup is damaged", sentence: "The backup is not as Panel wrote it.",
		action: "Copy it again from where it was made, or use another backup. Nothing was changed.", tone: Bad,
	},
	{kind: cloud.Storage, code: "erase"}: {
		title: "Not everything could be erased", sentence: "The secrets are erased, and with them the key: nobody can read what is left. Some files could not be removed.", detail: "They are {detail}.",
		action: "Close what may be using them, then try again.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Storage, code: "erase_secrets"}: {
		title: "Not everything could be erased", sentence: "Some of the secrets are erased; others are still in the keychain, and all files are still there.",
		action: "Unlock the keychain, then try again.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Storage, code: "in_use"}: {
		title: "Another Panel has the data open", sentence: "Another Panel is running with the same data folder.",
		action: "Use that one, or quit it first.", tone: Bad,
	},
	{kind: cloud.Storage, code: "newer"}: {
		title: "The data is of a newer Panel", sentence: "The data folder was last used by a newer version of Panel, which this one cannot read.",
		action: "Install the newer version again. The files were left as they are.", tone: Bad,
	},
	{kind: cloud.Storage, code: "wrong_key"}: {
		title: "The key does not fit the data", sentence: "The data key in the keychain is not the one that these files were sealed with.",
		action: "Recover with the recovery passphrase, or restore a backup. The files were left as they are.", tone: Bad,
	},

	{kind: cloud.Keychain}: {
		title: "The keychain failed", sentence: "This computer's keychain, which keeps Panel's secrets, failed.",
		action: "Try again. Nothing was deleted.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Keychain, code: "too_long"}: {
		title: "That is too long for a secret", sentence: "A keychain keeps no more than 2,500 characters, and this is longer: it is not what Google or Azure gives out.",
		action: "Choose the file that Google offered, or copy the secret's Value alone. Nothing was changed.", tone: Bad,
	},
	{kind: cloud.Keychain, code: "locked"}: {
		title: "The keychain is locked", sentence: "This computer's keychain is locked, so Panel cannot read its secrets.",
		action: "Unlock it, usually with your login password, then try again. Nothing was deleted.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Keychain, code: "unavailable"}: {
		title: "The keychain is not there", sentence: "Panel's secrets are in this computer's keychain, and there is none now. On Linux that is a Secret Service such as GNOME Keyring or KWallet.",
		action: "Start it and try again. Nothing was deleted.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Keychain, code: "no_keychain"}: {
		title: "There is no keychain", sentence: "Panel found no keychain on this computer to keep its secrets in. On Linux that is a Secret Service such as GNOME Keyring or KWallet.",
		action: "Start one and try again, or have Panel seal its secrets under a passphrase of your own.",
		typed:  "Start one and try again, or use a vault sealed with a passphrase: --passphrase-file FILE.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Keychain, code: "hung"}: {
		title: "The keychain does not answer", sentence: "This computer's keychain did not answer in time; it may be waiting for you behind another window.",
		action: "Look for its prompt, or sign out and in again, then try again. Nothing was deleted.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Keychain, code: "missing"}: {
		title: "The data key is missing", sentence: "The keychain answered, and it does not hold the key that Panel's files are sealed with.",
		action: "Recover with the recovery passphrase, or restore a backup. The files were left as they are.", tone: Bad,
	},
	{kind: cloud.Keychain, code: "wrong_passphrase"}: {
		title: "The passphrase is wrong", sentence: "The passphrase does not open the vault of this data folder.",
		action: "Try again with the right one. Nothing was changed.", button: tryAgain, tone: Bad,
	},
	{kind: cloud.Keychain, code: "no_passphrase"}: {
		title: "A passphrase is needed", sentence: "The secrets of this data folder are in a vault sealed with a passphrase.",
		action: "Enter it; nothing can be read without.",
		typed:  "Give it at the prompt, or in a file with --passphrase-file.", tone: Bad,
	},
	{kind: cloud.Keychain, code: "other_vault"}: {
		title: "The folder uses another vault", sentence: "This data folder keeps its secrets in another kind of vault than the one it was to be opened with.",
		action: "Open it as before: with --passphrase-file for a sealed vault, without it for the keychain.", tone: Bad,
	},
}
