package index

// everywhere are programs that run on every computer all the time.
var everywhere = map[string]bool{
	"svchost.exe": true, "explorer.exe": true, "cmd.exe": true, "powershell.exe": true, "conhost.exe": true, "services.exe": true, "lsass.exe": true,
	"wmiprvse.exe": true, "rundll32.exe": true, "taskhostw.exe": true, "runtimebroker.exe": true, "winlogon.exe": true, "csrss.exe": true, "smss.exe": true,
	"dllhost.exe": true, "msmpeng.exe": true, "chrome.exe": true, "msedge.exe": true, "searchindexer.exe": true, "spoolsv.exe": true, "system": true,
	"bash": true, "sh": true, "sshd": true, "systemd": true, "sudo": true, "cron": true, "python3": true, "java": true,
}

// commonWeight is how many tests each word of common counts for.
const commonWeight = 40

// common has what most events of computers are full of, whatever happens on them.
const common = `c:\windows\system32\svchost.exe -k netsvcs -p -s c:\windows\syswow64\ c:\program files (x86)\microsoft\ ` +
	`c:\programdata\microsoft\windows c:\users\administrator\appdata\local\temp\ ` +
	`appdata\roaming\microsoft\windows \device\harddiskvolume1\windows\ \systemroot\ explorer.exe cmd.exe /c ` +
	`powershell.exe nt authority\system nt authority\network service local service authority \registry\machine\ ` +
	`hklm\software\microsoft\windows\currentversion\ hklm\system\currentcontrolset\services\ ` +
	`hkcu\software\microsoft\windows nt\currentversion\ microsoft corporation microsoft windows operating system ` +
	`microsoft-windows-security-auditing microsoft-windows-sysmon/operational windowspowershell\v1.0\ ` +
	`system.management.automation microsoft.powershell. windows defender .dll .sys .exe" .log .tmp .txt .xml ` +
	`.json .local desktop documents 00000000-0000-0000-0000-000000000000 0x0000000000000000 127.0.0.1 192.168. ` +
	`10.0.0. 172.16. fe80:: ffff 1111 2222 2026- 2025- 0123456789abcdef /usr/bin/ /usr/sbin/ /usr/lib/ ` +
	`/usr/local/ /bin/sh -c /bin/bash /etc/ /var/log/ /var/lib/ /home/ /root/ /dev/null /proc/ systemd sshd sudo ` +
	`cron python3 http://www. https://www. .com/ .org/ .net/ mozilla/5.0 (windows nt 10.0; win64; x64) ` +
	`applewebkit/537.36 (khtml, like gecko) chrome/ safari/537.36 .amazonaws.com arn:aws:iam:: us-east-1 user ` +
	`name domain computer process account information service network access logon object request response ` +
	`message string value true false null error failed success information version function parameter return ` +
	`write-host param( foreach get-item new-object $null $true begin end `
