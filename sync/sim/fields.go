package sim

// The fields that a mask may name, in the mask's own notation. Google refuses others.
var (
	userFields = known(`kind,etag,nextPageToken,trigger_event,users(id,etag,kind,primaryEmail,name(givenName,familyName,fullName,displayName),isAdmin,
isDelegatedAdmin,lastLoginTime,creationTime,deletionTime,agreedToTerms,suspended,suspensionReason,suspensionTime,archived,archivalTime,
changePasswordAtNextLogin,ipWhitelisted,emails,externalIds,relations,addresses,organizations,phones,languages,keywords,locations,gender,notes,ims,
websites,posixAccounts,sshPublicKeys,aliases,nonEditableAliases,customerId,orgUnitPath,isMailboxSetup,isEnrolledIn2Sv,isEnforcedIn2Sv,isGuestUser,
includeInGlobalAddressList,thumbnailPhotoUrl,thumbnailPhotoEtag,customSchemas,recoveryEmail,recoveryPhone,guestAccountInfo)`)

	orgUnitFields = known(`kind,etag,organizationUnits(kind,name,description,etag,blockInheritance,orgUnitId,orgUnitPath,parentOrgUnitId,
parentOrgUnitPath)`)

	deviceFields = known(`kind,etag,nextPageToken,chromeosdevices(kind,deviceId,etag,serialNumber,status,lastSync,supportEndDate,annotatedUser,
annotatedLocation,annotatedAssetId,notes,orderNumber,model,meid,osVersion,osVersionCompliance,platformVersion,firmwareVersion,macAddress,
ethernetMacAddress,ethernetMacAddress0,dockMacAddress,bootMode,chromeOsType,deviceLicenseType,autoUpdateExpiration,autoUpdateThrough,
extendedSupportEligible,extendedSupportEnabled,extendedSupportStart,willAutoRenew,manufactureDate,systemRamTotal,systemRamFreeReports,
diskSpaceUsage(capacityBytes,usedBytes),diskVolumeReports,tpmVersionInfo(family,specLevel,manufacturer,tpmModel,firmwareVersion,vendorSpecific),
cpuInfo(model,architecture,maxClockSpeedKhz,logicalCpus),cpuStatusReports,orgUnitPath,orgUnitId,firstEnrollmentTime,lastEnrollmentTime,
lastDeprovisionTimestamp,deprovisionReason,osUpdateStatus(state,targetOsVersion,targetKioskAppVersion,updateTime,updateCheckTime,rebootTime),
recentUsers(type,email),activeTimeRanges(date,activeTime),lastKnownNetwork(ipAddress,wanIpAddress),deviceFiles,screenshotFiles,backlightInfo,
fanInfo,bluetoothAdapterInfo)`)

	countFields = known(`count`)

	// basicDevice is what projection BASIC leaves.
	basicDevice = known(`kind,deviceId,etag,serialNumber,status,lastSync,annotatedUser,annotatedLocation,annotatedAssetId,notes`)
)

func known(s string) *mask {
	clean := make([]byte, 0, len(s))
	for _, c := range []byte(s) {
		if c != '\n' {
			clean = append(clean, c)
		}
	}
	m, bad := parseMask(string(clean))
	if bad != "" {
		panic("sim: a table of fields does not parse at " + bad)
	}
	return m
}
