//! Anchors, aliases, tags and directives.
//!
//! Names are made of letters, digits, `_` and `-` (goyaml.v2/yamlprivateh.go `is_alpha`); what may
//! follow them, and what a tag may hold, is in goyaml.v2/scannerc.go (`yaml_parser_scan_anchor`,
//! `yaml_parser_scan_tag`, `yaml_parser_scan_tag_uri`, `yaml_parser_scan_directive`).

use super::scanner::Scanner;
use super::token::{Tag, TagDirective, TokenKind};
use crate::manifest::event::ReadError;

impl<'t> Scanner<'t> {
    /// Scans `&name` or `*name`.
    pub(super) fn scan_anchor(&mut self) -> Result<TokenKind<'t>, ReadError> {
        let start = self.cursor.offset();
        let is_alias = self.cursor.byte(0) == b'*';
        self.cursor.skip(1);
        let name = self.scan_name();
        let ends = self.cursor.is_space(0)
            || matches!(self.cursor.byte(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            let kind = if is_alias { "alias" } else { "anchor" };
            let message = format!("the name of an {kind} takes letters, digits, `_` and `-` only");
            return Err(ReadError::syntax(start, message));
        }
        Ok(if is_alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) })
    }

    fn scan_name(&mut self) -> &'t str {
        let start = self.cursor.offset();
        self.cursor.skip_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        self.cursor.slice(start..self.cursor.offset())
    }

    /// Scans `!suffix`, `!!suffix`, `!handle!suffix` or `!<whole>`.
    pub(super) fn scan_tag(&mut self) -> Result<TokenKind<'t>, ReadError> {
        let start = self.cursor.offset();
        let tag = if self.cursor.byte(1) == b'<' {
            self.cursor.skip(2);
            let suffix = self.scan_uri("")?;
            if self.cursor.byte(0) != b'>' {
                return Err(ReadError::syntax(start, "the tag is not closed with `>`"));
            }
            self.cursor.skip(1);
            Tag { handle: "", suffix }
        } else {
            self.scan_short_tag()?
        };
        if !self.cursor.is_space(0) {
            return Err(ReadError::syntax(self.cursor.offset(), "a blank must follow the tag"));
        }
        Ok(TokenKind::Tag(Box::new(tag)))
    }

    fn scan_short_tag(&mut self) -> Result<Tag<'t>, ReadError> {
        let handle = self.scan_handle();
        if handle.len() > 1 && handle.ends_with('!') {
            let suffix = self.scan_uri("")?;
            return Ok(Tag { handle, suffix });
        }
        let suffix = self.scan_uri(handle)?;
        // A `!` alone is the whole tag.
        if suffix.is_empty() {
            return Ok(Tag { handle: "", suffix: "!".to_owned() });
        }
        Ok(Tag { handle: "!", suffix })
    }

    /// Scans `!`, `!name` or `!name!`.
    fn scan_handle(&mut self) -> &'t str {
        let start = self.cursor.offset();
        self.cursor.skip(1);
        self.scan_name();
        if self.cursor.byte(0) == b'!' {
            self.cursor.skip(1);
        }
        self.cursor.slice(start..self.cursor.offset())
    }

    /// Scans the rest of a tag that began with `head`, of which the first byte is left out.
    fn scan_uri(&mut self, head: &str) -> Result<String, ReadError> {
        let start = self.cursor.offset();
        let mut uri = head.get(1..).unwrap_or_default().as_bytes().to_vec();
        loop {
            match self.cursor.byte(0) {
                b'%' => self.scan_uri_character(&mut uri)?,
                byte if is_uri(byte) => {
                    uri.push(byte);
                    self.cursor.skip(1);
                }
                _ => break,
            }
        }
        if head.is_empty() && self.cursor.offset() == start {
            return Err(ReadError::syntax(start, "expected the name of a tag"));
        }
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    /// Scans a character whose bytes are written `%XX` each.
    fn scan_uri_character(&mut self, uri: &mut Vec<u8>) -> Result<(), ReadError> {
        let start = self.cursor.offset();
        let not_utf8 = || ReadError::syntax(start, "the tag is not UTF-8");
        let first = self.scan_uri_byte()?;
        let following = match first {
            0x00..=0x7F => 0,
            0xC0..=0xDF => 1,
            0xE0..=0xEF => 2,
            0xF0..=0xF7 => 3,
            _ => return Err(not_utf8()),
        };
        uri.push(first);
        for _ in 0..following {
            let byte = self.scan_uri_byte()?;
            if !(0x80..0xC0).contains(&byte) {
                return Err(not_utf8());
            }
            uri.push(byte);
        }
        Ok(())
    }

    /// Scans `%XX`.
    fn scan_uri_byte(&mut self) -> Result<u8, ReadError> {
        let start = self.cursor.offset();
        let digits = match self.cursor.byte(0) {
            b'%' => self.cursor.slice(start + 1..start + 3),
            _ => "",
        };
        let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let byte = u8::from_str_radix(digits, 16).ok();
        let byte = byte.filter(|_| digits.len() == 2 && is_hexadecimal);
        let message = "`%` takes two hexadecimal digits in a tag";
        let byte = byte.ok_or_else(|| ReadError::syntax(start, message))?;
        self.cursor.skip(3);
        Ok(byte)
    }

    /// Scans `%YAML` or `%TAG` and the rest of the line.
    pub(super) fn scan_directive(&mut self) -> Result<TokenKind<'t>, ReadError> {
        let start = self.cursor.offset();
        self.cursor.skip(1);
        let name = self.scan_name();
        let kind = match name {
            "YAML" if self.cursor.is_space(0) => self.scan_version()?,
            "TAG" if self.cursor.is_space(0) => self.scan_tag_directive()?,
            _ => {
                return Err(ReadError::syntax(
                    start,
                    "`%` begins a directive here, `%YAML` or `%TAG`",
                ));
            }
        };
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !self.cursor.is_break_or_end(0) {
            let message = "only a comment can stand behind a directive";
            return Err(ReadError::syntax(self.cursor.offset(), message));
        }
        self.cursor.skip_break();
        Ok(kind)
    }

    fn scan_version(&mut self) -> Result<TokenKind<'t>, ReadError> {
        self.cursor.skip_blanks();
        let major = self.scan_version_number()?;
        if self.cursor.byte(0) != b'.' {
            return Err(ReadError::syntax(
                self.cursor.offset(),
                "expected a version such as `1.1`",
            ));
        }
        self.cursor.skip(1);
        let minor = self.scan_version_number()?;
        Ok(TokenKind::VersionDirective { major, minor })
    }

    /// Scans a number of one or two digits.
    fn scan_version_number(&mut self) -> Result<u8, ReadError> {
        let start = self.cursor.offset();
        self.cursor.skip_while(|byte| byte.is_ascii_digit());
        let digits = self.cursor.slice(start..self.cursor.offset());
        digits
            .parse()
            .ok()
            .filter(|_| digits.len() <= 2)
            .ok_or_else(|| ReadError::syntax(start, "expected a version such as `1.1`"))
    }

    fn scan_tag_directive(&mut self) -> Result<TokenKind<'t>, ReadError> {
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        let expected = || ReadError::syntax(start, "expected a handle such as `!name!`");
        if self.cursor.byte(0) != b'!' {
            return Err(expected());
        }
        let handle = self.scan_handle();
        if !handle.ends_with('!') || !self.cursor.is_blank(0) {
            return Err(expected());
        }
        self.cursor.skip_blanks();
        let prefix = self.scan_uri("")?;
        if !self.cursor.is_space(0) {
            return Err(ReadError::syntax(self.cursor.offset(), "a blank must follow the prefix"));
        }
        Ok(TokenKind::TagDirective(Box::new(TagDirective { handle, prefix })))
    }
}

fn is_uri(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-;/?:@&=+$,.!~*'()[]".contains(&byte)
}
