package sim

import (
	"fmt"
	"strconv"
	"time"
)

// device is what decides whether a query matches a Chromebook. Times are unix milliseconds, 0 where absent.
type device struct {
	id, status, path                       string
	lastSync, enrolled, aue                int64
	assetID, user, location, notes, serial string
	ou                                     int32 // row of the district's OUs; -1 for a record that Put changed
	model                                  int
	owner                                  int32 // row of people; -1 for none
}

// device works out the facts of a row without writing its record.
func (d *district) device(row int32) (f device, r dice) {
	r = dice(d.draw(drawDevice, row))
	f.status, f.owner, f.model = "ACTIVE", -1, r.n(len(models))
	roll := r.n(100)
	switch {
	case roll < 6:
		f.ou, f.status = d.retired, "DEPROVISIONED"
	case roll < 10:
		f.ou = d.spare
	case roll < 25 || int(row) >= len(d.people):
		f.ou = d.carts[r.n(len(d.carts))]
	default:
		f.owner = row
		f.ou = d.people[row].ou
	}
	if f.status == "ACTIVE" && r.percent(2) {
		f.status = "DISABLED"
	}
	m := &models[f.model]
	f.path = d.ous[f.ou].path
	f.aue = modelAUE[f.model]
	f.enrolled = d.day - int64(90+r.n(600))*aDay - int64(r.n(1440))*aMinute
	f.lastSync = d.day - int64(r.n(3*1440))*aMinute
	if r.percent(6) || f.status == "DEPROVISIONED" {
		f.lastSync = max(f.enrolled, d.day-int64(20+r.n(400))*aDay)
	}
	f.serial = serial(m.serial, &r)
	if r.percent(1) {
		f.serial = ""
	}
	f.assetID = fmt.Sprintf("%05d", row+1)
	if f.owner >= 0 {
		f.user = d.people[f.owner].email
		f.location = d.schoolOf(&d.people[f.owner])
	} else {
		f.location = d.ous[f.ou].name
	}
	if r.percent(4) {
		f.notes = "Loaner charger handed out.\nReturn by June."
	}
	return f, r
}

// modelAUE is the end of updates of each model, in unix milliseconds.
var modelAUE = func() (out []int64) {
	for _, m := range models {
		t, err := time.Parse(day, m.aue)
		if err != nil {
			panic("sim: a model's AUE is not a day: " + err.Error())
		}
		out = append(out, t.UnixMilli())
	}
	return out
}()

func serial(pattern string, r *dice) string {
	const alnum = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	out := []byte(pattern)
	for i, c := range out {
		switch c {
		case '#':
			out[i] = alnum[r.n(10)]
		case '@':
			out[i] = alnum[r.n(len(alnum))]
		}
	}
	return string(out)
}

// releases are Chrome versions: what osVersion and platformVersion show together.
var releases = [][2]string{
	{"142.0.7444.220", "16433.65.0"}, {"141.0.7390.143", "16404.56.0"}, {"140.0.7339.242", "16371.65.0"},
	{"138.0.7204.308", "16295.86.0"}, {"132.0.6834.243", "16093.115.0"}, {"126.0.6478.265", "15886.83.0"},
}

// chromebook appends the device of a row as admin#directory#chromeosdevice, projection FULL.
func (d *district) chromebook(dst []byte, row int32) []byte {
	f, r := d.device(row)
	m := &models[f.model]
	o := newObject(dst)
	o.str("kind", "admin#directory#chromeosdevice")
	o.str("deviceId", d.guid('d', row))
	o.str("etag", etag(uint64(r)))
	o.str("serialNumber", f.serial)
	o.str("status", f.status)
	o.time("lastSync", f.lastSync, millis)
	o.str("annotatedUser", f.user)
	o.str("annotatedLocation", f.location)
	o.str("annotatedAssetId", f.assetID)
	o.str("notes", f.notes)
	o.str("orderNumber", fmt.Sprintf("PO-%d-%04d", m.released, 1000+int(f.enrolled/aDay)%400))
	o.str("model", m.name)
	release := releases[min(r.n(8), r.n(8), len(releases)-1)]
	o.str("osVersion", release[0])
	o.str("platformVersion", release[1]+" (Official Build) stable-channel "+m.board)
	o.str("firmwareVersion", m.firmware)
	d.hardware(&o, m, f, &r)
	d.life(&o, f, &r)
	return o.end()
}

// hardware writes what the machine is.
func (d *district) hardware(o *object, m *model, f device, r *dice) {
	mac := fmt.Sprintf("%012x", uint64(0xa4b1c1000000)|uint64(r.n(1<<24)))
	o.str("macAddress", mac)
	o.str("bootMode", "Verified")
	o.str("chromeOsType", "chromeOs")
	o.str("deviceLicenseType", "educationUpgradePerpetual")
	o.int64String("autoUpdateExpiration", f.aue)
	o.str("autoUpdateThrough", m.aue)
	o.bool("extendedSupportEligible", false)
	o.bool("extendedSupportEnabled", false)
	o.bool("willAutoRenew", false)
	o.str("manufactureDate", strconv.Itoa(m.released)+fmt.Sprintf("-%02d-15", 1+r.n(12)))
	o.int64String("systemRamTotal", m.ram)
	o.key("diskSpaceUsage")
	disk := newObject(o.buf)
	disk.int64String("capacityBytes", m.disk)
	disk.int64String("usedBytes", m.disk/100*int64(20+r.n(60)))
	o.buf = disk.end()
	o.raw("tpmVersionInfo", `{"family":"322e3000","specLevel":"74","manufacturer":"43524f53","tpmModel":"1","firmwareVersion":"8a2f","vendorSpecific":"xCG fTPM"}`)
	o.raw("cpuInfo", `[{"model":"Intel(R) Celeron(R) N4500 @ 1.10GHz","architecture":"x64","maxClockSpeedKhz":2800000}]`)
}

// life writes where the machine is and what happened to it.
func (d *district) life(o *object, f device, r *dice) {
	o.str("orgUnitPath", f.path)
	o.str("orgUnitId", orgUnitID(d.seed, f.ou))
	first := f.enrolled - int64(r.n(3)/2)*400*aDay
	o.time("firstEnrollmentTime", first, millis)
	o.time("lastEnrollmentTime", f.enrolled, millis)
	if f.status == "DEPROVISIONED" {
		o.time("lastDeprovisionTimestamp", f.lastSync+aDay, millis)
		o.str("deprovisionReason", "DEPROVISION_REASON_RETIRING_DEVICE")
		return
	}
	compliance := "compliant"
	if r.percent(10) {
		compliance = "pending"
	}
	o.str("osVersionCompliance", compliance)
	o.key("osUpdateStatus")
	update := newObject(o.buf)
	update.str("state", "updateStateNotStarted")
	update.time("updateCheckTime", f.lastSync-anHour, millis)
	update.time("rebootTime", f.lastSync-5*aDay, millis)
	o.buf = update.end()
	if f.owner >= 0 {
		o.raw("recentUsers", `[{"type":"USER_TYPE_MANAGED","email":"`+f.user+`"}]`)
	} else if len(d.people) > 0 {
		a, b := d.people[r.n(len(d.people))].email, d.people[r.n(len(d.people))].email
		o.raw("recentUsers", `[{"type":"USER_TYPE_MANAGED","email":"`+a+`"},{"type":"USER_TYPE_UNMANAGED"},{"type":"USER_TYPE_MANAGED","email":"`+b+`"}]`)
	}
	o.key("activeTimeRanges") // oldest first
	o.buf = append(o.buf, '[')
	for i := int64(2); i > 0; i-- {
		active := newObject(o.buf)
		active.time("date", f.lastSync-i*aDay, day)
		active.raw("activeTime", strconv.Itoa(60_000*(10+r.n(300))))
		o.buf = append(active.end(), ',')
	}
	o.buf[len(o.buf)-1] = ']'
	o.raw("lastKnownNetwork", fmt.Sprintf(`[{"ipAddress":"10.%d.%d.%d","wanIpAddress":"203.0.113.%d"}]`, r.n(64), r.n(256), 1+r.n(254), 1+r.n(254)))
}
