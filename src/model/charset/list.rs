//! The charsets that are offered to choose from: those that servers are known to have, where they are at home.

/// A charset that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// What it is called; see [`super::Charset::of_label`].
    pub label: &'static str,
    /// Whose names are in it.
    pub about: &'static str,
}

/// All of them, UTF-8 first, neighbours beside each other.
pub const CHARSETS: &[Listed] = &[
    Listed { label: "UTF-8", about: "Unicode: what new servers speak" },
    Listed { label: "windows-1252", about: "Western Europe, the Americas: Windows, Latin-1" },
    Listed { label: "ISO-8859-15", about: "Western Europe with the euro: Latin-9" },
    Listed { label: "macintosh", about: "Western Europe: old Macs" },
    Listed { label: "IBM437", about: "DOS, embedded devices" },
    Listed { label: "IBM850", about: "Western Europe: DOS" },
    Listed { label: "IBM865", about: "Denmark, Norway: DOS" },
    Listed { label: "windows-1250", about: "Central Europe: Windows" },
    Listed { label: "ISO-8859-2", about: "Central Europe: Latin-2" },
    Listed { label: "IBM852", about: "Central Europe: DOS" },
    Listed { label: "windows-1251", about: "Cyrillic: Windows" },
    Listed { label: "KOI8-R", about: "Russian: Unix" },
    Listed { label: "KOI8-U", about: "Ukrainian: Unix" },
    Listed { label: "IBM866", about: "Cyrillic: DOS" },
    Listed { label: "ISO-8859-5", about: "Cyrillic: ISO" },
    Listed { label: "x-mac-cyrillic", about: "Cyrillic: old Macs" },
    Listed { label: "windows-1253", about: "Greek: Windows" },
    Listed { label: "ISO-8859-7", about: "Greek: ISO" },
    Listed { label: "IBM737", about: "Greek: DOS" },
    Listed { label: "windows-1254", about: "Turkish: Windows" },
    Listed { label: "IBM857", about: "Turkish: DOS" },
    Listed { label: "windows-1257", about: "Baltic: Windows" },
    Listed { label: "ISO-8859-13", about: "Baltic: Latin-7" },
    Listed { label: "ISO-8859-4", about: "Northern Europe: Latin-4" },
    Listed { label: "ISO-8859-10", about: "Nordic: Latin-6" },
    Listed { label: "windows-1255", about: "Hebrew: Windows" },
    Listed { label: "windows-1256", about: "Arabic: Windows" },
    Listed { label: "ISO-8859-6", about: "Arabic: ISO" },
    Listed { label: "windows-1258", about: "Vietnamese: Windows" },
    Listed { label: "windows-874", about: "Thai: Windows" },
    Listed { label: "Shift_JIS", about: "Japanese: Windows, Macs" },
    Listed { label: "EUC-JP", about: "Japanese: Unix" },
    Listed { label: "GBK", about: "Chinese, simplified" },
    Listed { label: "gb18030", about: "Chinese, all letters" },
    Listed { label: "Big5", about: "Chinese, traditional" },
    Listed { label: "EUC-KR", about: "Korean" },
];
