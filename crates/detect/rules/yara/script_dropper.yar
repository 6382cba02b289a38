/*
   Scripts that hide what they run: the first step of most malware that comes by mail.
   Written for ungcuu; Apache-2.0.
*/

rule script_powershell_hidden : script
{
    meta:
        id = "b1f0c3a2-1b1e-4f0b-9a57-3f6d0c7a1401"
        title = "Lệnh PowerShell ẩn, tải và chạy mã"
        description = "PowerShell is started without a window or with encoded commands and runs what it fetches or unpacks"
        author = "ungcuu"
        license = "Apache-2.0"
        level = "high"
        response_vi = "Tệp chạy PowerShell ẩn. Không mở; xem nó đến từ thư hay USB nào, máy nào đã mở; lấy địa chỉ trong tệp để chặn ở tường lửa, dò nhật ký PowerShell (4104) của các máy, báo Đội ứng cứu sự cố."
        response_en = "The file runs hidden PowerShell. Do not open it; find out which mail or stick brought it and which machine opened it; block the addresses in it, hunt through the PowerShell logs (4104), call the response team."
    strings:
        $shell = /\b(powershell|pwsh)(\.exe)?\b/ ascii wide nocase
        $hidden_1 = /-w(in(dowstyle)?)?\s{1,3}(hidden|h|1)\b/ ascii wide nocase
        $hidden_2 = /-e(nc(odedcommand)?|c)?\s{1,3}['"]?[A-Za-z0-9+\/]{60}/ ascii wide nocase
        $hidden_3 = /-(nop|noprofile|noni|noninteractive)\b/ ascii wide nocase
        $hidden_4 = /-e(x(ecutionpolicy|ec)?|p)\s{1,3}(bypass|unrestricted)\b/ ascii wide nocase
        $runs_1 = /\b(iex|invoke-expression)\b/ ascii wide nocase
        $runs_2 = "FromBase64String" ascii wide nocase
        $runs_3 = /\.Download(String|File|Data)\s{0,3}\(/ ascii wide nocase
        $runs_4 = /\b(Invoke-WebRequest|iwr|Start-BitsTransfer)\b/ ascii wide nocase
        $runs_5 = /-e(nc(odedcommand)?|c)?\s{1,3}['"]?(JAB|SQB|SUVY|aQBl|WwB|IAAk|cwBl|KABO)[A-Za-z0-9+\/]{40}/ ascii wide
    condition:
        filesize < 2MB and uint16(0) != 0x5A4D and uint32(0) != 0x464C457F and
        $shell and ($runs_5 or (2 of ($hidden_*) and 1 of ($runs_1, $runs_2, $runs_3, $runs_4)))
}

rule script_host_dropper : script
{
    meta:
        id = "b1f0c3a2-1b1e-4f0b-9a57-3f6d0c7a1402"
        title = "Tệp kịch bản (VBS, JS, HTA) tải và chạy chương trình"
        description = "A script for the Windows script host fetches a file, writes it and runs it"
        author = "ungcuu"
        license = "Apache-2.0"
        level = "high"
        response_vi = "Kịch bản tải chương trình về rồi chạy. Không mở; tìm thư hoặc USB đã mang nó tới, máy nào đã mở; chặn địa chỉ trong tệp, quét các máy khác theo mã băm, báo Đội ứng cứu sự cố."
        response_en = "The script fetches a program and runs it. Do not open it; find the mail or stick that brought it and who opened it; block the addresses in it, sweep other machines for its hash, call the response team."
    strings:
        $makes = /(CreateObject|ActiveXObject|GetObject)\s{0,3}\(/ ascii wide nocase
        $fetches_1 = /(MSXML2\.(Server)?XMLHTTP|Microsoft\.XMLHTTP|WinHttp\.WinHttpRequest)/ ascii wide nocase
        $fetches_2 = /\b(certutil|bitsadmin|curl)(\.exe)?\b[^\r\n]{1,80}https?:/ ascii wide nocase
        $writes_1 = "ADODB.Stream" ascii wide nocase
        $writes_2 = "Scripting.FileSystemObject" ascii wide nocase
        $writes_3 = "SaveToFile" ascii wide nocase
        $runs_1 = "WScript.Shell" ascii wide nocase
        $runs_2 = "Shell.Application" ascii wide nocase
        $runs_3 = "Win32_Process" ascii wide nocase
        $acts_1 = /\.\s{0,2}(Run|Exec|ShellExecute|Create)\b\s{0,3}[\s(]/ ascii wide nocase
    condition:
        filesize < 2MB and uint16(0) != 0x5A4D and uint32be(0) != 0xD0CF11E0 and
        $makes and any of ($fetches_*) and any of ($writes_*) and any of ($runs_*) and $acts_1
}

rule script_shell_miner_dropper : script
{
    meta:
        id = "b1f0c3a2-1b1e-4f0b-9a57-3f6d0c7a1403"
        title = "Kịch bản Linux tải và chạy chương trình lạ, xoá dấu vết"
        description = "A shell script fetches a program, runs it from a folder anybody can write to, and keeps itself alive or hides"
        author = "ungcuu"
        license = "Apache-2.0"
        level = "high"
        response_vi = "Máy Linux có thể đã bị cài mã độc. Giữ nguyên tệp, chép danh sách tiến trình và kết nối mạng, xem cron và khoá SSH của mọi tài khoản, ngắt máy khỏi mạng, báo Đội ứng cứu sự cố."
        response_en = "Malware may be installed on the Linux machine. Keep the file, copy the lists of processes and connections, look at cron and the SSH keys of every account, take the machine off the network, call the response team."
    strings:
        $fetches = /\b(curl|wget)\b[^\r\n]{0,120}(https?:\/\/|\$\{?\w)/ nocase
        $place = /(\/tmp\/|\/var\/tmp\/|\/dev\/shm\/)/
        $runs_1 = /chmod\s{1,3}(\+x|[0-7]?7[0-7]{2})/
        $runs_2 = /\|\s{0,3}(ba)?sh\b/
        $hides_1 = /history\s{1,3}-c|unset\s{1,3}HISTFILE|HISTFILE=\/dev\/null/
        $hides_2 = /crontab\s{1,3}-|\/etc\/cron\.|\/var\/spool\/cron/
        $hides_3 = /(pkill|killall)\s[^\r\n]{0,40}(xmrig|kinsing|kdevtmpfsi|minerd)/
        $hides_4 = /chattr\s{1,3}[-+]i/
        $hides_5 = ".ssh/authorized_keys"
        $hides_6 = "stratum+tcp://"
        $hides_7 = "/etc/ld.so.preload"
    condition:
        filesize < 1MB and (uint16be(0) == 0x2321 or filesize < 64KB) and uint32(0) != 0x464C457F and
        $fetches and $place and any of ($runs_*) and 2 of ($hides_*)
}
