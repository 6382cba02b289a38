/*
   Office documents with a macro that starts by itself and fetches or runs something.
   Macros of newer documents lie in a part of their own (vbaProject.bin), which is looked at after the document was opened. The code itself is
   packed there; names of what it calls mostly remain readable, in pieces.
   Written for ungcuu; Apache-2.0.
*/

rule office_macro_dropper : office
{
    meta:
        id = "b1f0c3a2-1b1e-4f0b-9a57-3f6d0c7a1301"
        title = "Văn bản Office có macro tự chạy và gọi chương trình"
        description = "A macro starts when the document is opened and runs a program or fetches a file"
        author = "ungcuu"
        license = "Apache-2.0"
        level = "high"
        response_vi = "Văn bản có macro tự chạy và gọi chương trình. Không mở, không chuyển tiếp; giữ lại thư đã gửi nó, hỏi người nhận đã bấm bật nội dung chưa; nếu rồi, ngắt mạng máy đó; tìm cùng thư ở các hộp thư khác, báo Đội ứng cứu sự cố."
        response_en = "The document has a macro that starts by itself and runs programs. Do not open or forward it; keep the mail that brought it, ask whether its content was enabled; if so take that machine off the network; look for the same mail in other mailboxes, call the response team."
    strings:
        $begins_1 = "Auto_Open" nocase
        $begins_2 = "AutoOpen" nocase
        $begins_3 = "Document_Open" nocase
        $begins_4 = "Workbook_Open" nocase
        $begins_5 = "AutoExec" nocase
        $begins_6 = "Document_Close" nocase
        $vba_1 = "VBA" ascii wide
        $vba_2 = "Attribut" ascii
        $vba_3 = "_VBA_PROJECT" ascii wide
        $runs_1 = "WScript.Shell" nocase
        $runs_2 = "powershell" nocase
        $runs_3 = "URLDownloadToFile" nocase
        $runs_4 = "MSXML2.XMLHTTP" nocase
        $runs_5 = "ADODB.Stream" nocase
        $runs_6 = "Shell.Application" nocase
        $runs_7 = "cmd.exe" nocase
        $runs_8 = "mshta" nocase
        $runs_9 = "rundll32" nocase
        $runs_10 = "Win32_Process" nocase
        $runs_11 = "certutil" nocase
    condition:
        uint32be(0) == 0xD0CF11E0 and any of ($vba_*) and any of ($begins_*) and any of ($runs_*)
}

rule office_remote_template : office
{
    meta:
        id = "b1f0c3a2-1b1e-4f0b-9a57-3f6d0c7a1302"
        title = "Văn bản Office tải mẫu từ Internet khi mở"
        description = "A document fetches its template or an object from another machine when it is opened"
        author = "ungcuu"
        license = "Apache-2.0"
        level = "high"
        response_vi = "Văn bản tự tải nội dung từ máy khác khi mở, là cách thường dùng để đưa macro vào sau. Không mở; giữ lại thư đã gửi nó, chặn địa chỉ mà văn bản gọi tới ở tường lửa, xem máy nào đã gọi địa chỉ đó, báo Đội ứng cứu sự cố."
        response_en = "The document fetches content from another machine when it is opened, a common way to bring a macro in later. Do not open it; keep the mail that brought it, block the address it calls, see which machines called it, call the response team."
    strings:
        $relations = "<Relationships"
        $template = /Type="[^"]{1,120}\/(attachedTemplate|oleObject|frame|subDocument)"[^>]{0,200}Target="(https?|ftp|file|mhtml|\\\\)/ nocase
        $template_2 = /Target="(https?|ftp|file|mhtml|\\\\)[^"]{1,400}"[^>]{0,200}Type="[^"]{1,120}\/(attachedTemplate|oleObject|frame|subDocument)"/ nocase
        $outside = "TargetMode=\"External\""
    condition:
        filesize < 1MB and $relations and $outside and any of ($template*)
}
