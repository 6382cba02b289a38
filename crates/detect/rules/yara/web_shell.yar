/*
   Web shells: pages through which somebody from outside runs commands on the server.
   Written for ungcuu; Apache-2.0.
*/

rule web_shell_php : web_shell
{
    meta:
        id = "b1f0c3a2-1b1e-4f0b-9a57-3f6d0c7a1101"
        title = "Trang PHP chạy lệnh do người ngoài gửi đến"
        description = "A PHP page hands what a request brings to a function that runs commands or code"
        author = "ungcuu"
        license = "Apache-2.0"
        level = "critical"
        response_vi = "Máy chủ web có thể đã bị chiếm quyền. Giữ nguyên tệp và nhật ký truy cập làm chứng cứ, ngắt cổng thông tin khỏi Internet, tìm tệp cùng ngày sửa và tài khoản quản trị lạ, đổi mọi mật khẩu lưu trên máy, báo Đội ứng cứu sự cố."
        response_en = "The web server may be taken over. Keep the file and the access logs as evidence, take the portal off the Internet, look for files changed the same day and for unknown administrators, change every password kept on the machine, call the response team."
    strings:
        $open = "<?php" nocase
        $open_short = "<?="
        $open_old = "<? "
        $direct = /\b(eval|assert|system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec|create_function)\s{0,5}\(\s{0,5}@?\s{0,5}(stripslashes|base64_decode|gzinflate|str_rot13|trim|urldecode)?\s{0,5}\(?\s{0,5}\$_(GET|POST|REQUEST|COOKIE|SERVER|FILES)\b/ nocase
        $by_name = /\$_(GET|POST|REQUEST|COOKIE)\s{0,3}\[[^\]]{1,40}\]\s{0,3}\(\s{0,3}\$_(GET|POST|REQUEST|COOKIE)/ nocase
        $decoded = /\b(eval|assert)\s{0,5}\(\s{0,5}(gzinflate|gzuncompress|str_rot13|base64_decode)\s{0,5}\(/ nocase
        $callback = /\b(array_map|call_user_func|call_user_func_array|usort|array_filter|preg_replace_callback)\s{0,5}\(\s{0,5}['"]?(assert|system|exec|shell_exec|passthru)['"]?\s{0,5},[^;]{0,60}\$_(GET|POST|REQUEST|COOKIE)/ nocase
        $backticks = /`\s{0,5}\$_(GET|POST|REQUEST|COOKIE)\s{0,3}\[/ nocase
        $old_replace = /preg_replace\s{0,5}\(\s{0,5}['"]\/[^'"]{0,80}\/[a-z]{0,5}e[a-z]{0,5}['"]\s{0,5},\s{0,5}\$_(GET|POST|REQUEST|COOKIE)/ nocase
    condition:
        filesize < 5MB and any of ($open*) and any of ($direct, $by_name, $decoded, $callback, $backticks, $old_replace)
}

rule web_shell_aspx : web_shell
{
    meta:
        id = "b1f0c3a2-1b1e-4f0b-9a57-3f6d0c7a1102"
        title = "Trang ASP hoặc ASPX chạy lệnh do người ngoài gửi đến"
        description = "An ASP or ASPX page evaluates what a request brings, or starts a command with it"
        author = "ungcuu"
        license = "Apache-2.0"
        level = "critical"
        response_vi = "Máy chủ web Windows có thể đã bị chiếm quyền. Giữ nguyên tệp, nhật ký IIS và nhật ký Security làm chứng cứ, ngắt máy khỏi mạng, tìm tiến trình con của w3wp.exe, kiểm tra tài khoản và tác vụ mới, báo Đội ứng cứu sự cố."
        response_en = "The Windows web server may be taken over. Keep the file, the IIS and the Security logs as evidence, take the machine off the network, look for children of w3wp.exe, check new accounts and tasks, call the response team."
    strings:
        $page = "<%"
        $page_script = /<script[^>]{1,80}runat\s{0,3}=\s{0,3}['"]?server/ nocase
        $evaluates = /\b(eval|execute|executeglobal)\s{0,5}\(?\s{0,5}(request|Convert\.FromBase64String|System\.Text\.Encoding[^;]{1,80}request)\b/ nocase
        $request = /\bRequest\s{0,3}(\.(Item|Form|QueryString|Params|Headers|Cookies))?\s{0,3}[\[(]\s{0,3}"/ nocase
        $starts_1 = "Process.Start" nocase
        $starts_2 = "ProcessStartInfo" nocase
        $starts_3 = /CreateObject\s{0,3}\(\s{0,3}"WScript\.Shell"/ nocase
        $shell = /cmd(\.exe)?\s{0,3}"?\s{0,5}[,&+]?\s{0,5}"?\s{0,3}\/c\b/ nocase
        $loads = /Assembly\.Load\s{0,3}\(\s{0,5}(Convert\.FromBase64String|[^;]{0,60}(Transform|Decrypt|Request))/ nocase
    condition:
        filesize < 5MB and any of ($page*) and
        ($evaluates or $loads or ($request and any of ($starts_*) and $shell))
}

rule web_shell_jsp : web_shell
{
    meta:
        id = "b1f0c3a2-1b1e-4f0b-9a57-3f6d0c7a1103"
        title = "Trang JSP chạy lệnh do người ngoài gửi đến"
        description = "A JSP page starts a command, or loads a class, out of what a request brings"
        author = "ungcuu"
        license = "Apache-2.0"
        level = "critical"
        response_vi = "Máy chủ ứng dụng Java có thể đã bị chiếm quyền. Giữ nguyên tệp và nhật ký truy cập làm chứng cứ, ngắt ứng dụng khỏi mạng, tìm tệp .jsp và .war lạ, kiểm tra trang quản trị máy chủ ứng dụng, báo Đội ứng cứu sự cố."
        response_en = "The Java application server may be taken over. Keep the file and the access logs as evidence, take the application off the network, look for unknown .jsp and .war files, check the server's administration pages, call the response team."
    strings:
        $page_1 = "<%"
        $page_2 = "<jsp:" nocase
        $request = /request\s{0,3}\.\s{0,3}(getParameter|getHeader|getInputStream|getReader|getQueryString)\s{0,3}\(/
        $starts_1 = /Runtime\s{0,3}\.\s{0,3}getRuntime\s{0,3}\(\s{0,3}\)\s{0,3}\.\s{0,3}exec\s{0,3}\(/
        $starts_2 = /new\s{1,5}ProcessBuilder\s{0,3}\(/
        $loads = /\.\s{0,3}defineClass\s{0,3}\(|super\.defineClass\s{0,3}\(/
        $decodes = /(Cipher\.getInstance|BASE64Decoder|Base64\s{0,3}\.\s{0,3}getDecoder|sun\.misc)/
    condition:
        filesize < 5MB and any of ($page_*) and $request and (any of ($starts_*) or ($loads and $decodes))
}
