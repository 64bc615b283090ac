//! As much of HTTP/1.1 and of TLS as it takes to ask Envoy for something.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Question<'q> {
    pub(crate) method: &'q str,
    pub(crate) path: &'q str,
    pub(crate) host: &'q str,
    pub(crate) headers: Vec<(&'q str, String)>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// Returns the value of a header, whose name is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A connection, on which one request follows the other.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn open(address: &str) -> io::Result<Self> {
        Ok(Self(BufReader::new(connect(address)?)))
    }

    /// Sends a request and waits for the answer.
    pub(crate) fn ask(&mut self, question: &Question<'_>) -> io::Result<Answer> {
        let Question { method, path, host, headers } = question;
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("content-length: 0\r\n\r\n");
        self.0.get_mut().write_all(text.as_bytes())?;
        self.read_answer()
    }

    fn read_answer(&mut self) -> io::Result<Answer> {
        let first = self.read_line()?;
        let status = first.split(' ').nth(1).unwrap_or_else(|| panic!("no status in {first:?}"));
        let status = status.parse().unwrap();
        let mut answer = Answer { status, headers: Vec::new(), body: String::new() };
        loop {
            let line = self.read_line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            answer.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        answer.body = match answer.header("content-length") {
            Some(length) => self.read_exactly(length.parse().unwrap())?,
            None => self.read_chunks()?,
        };
        Ok(answer)
    }

    fn read_line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.0.read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    fn read_exactly(&mut self, length: usize) -> io::Result<String> {
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes)?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    fn read_chunks(&mut self) -> io::Result<String> {
        let mut body = String::new();
        loop {
            let length = usize::from_str_radix(&self.read_line()?, 16).unwrap();
            body.push_str(&self.read_exactly(length)?);
            self.read_line()?;
            if length == 0 {
                return Ok(body);
            }
        }
    }
}

/// Connects, says hello, to the server of that name where there is one, and returns what comes back.
pub(crate) fn connect_and_listen(address: &str, server_name: Option<&str>) -> String {
    let mut stream = connect(address).unwrap();
    let hello = server_name.map_or_else(|| b"hello".to_vec(), client_hello);
    let mut heard = Vec::new();
    // A connection that leads nowhere is reset, which is an answer too.
    let _ = stream.write_all(&hello).and_then(|()| stream.read_to_end(&mut heard));
    String::from_utf8(heard).unwrap()
}

fn connect(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Returns the first message of TLS (RFC 8446 section 4.1.2), with nothing but the name of the server.
fn client_hello(server_name: &str) -> Vec<u8> {
    let name = with_length(2, server_name.as_bytes());
    let names = with_length(2, &[&[0], name.as_slice()].concat());
    let extension = [&[0, 0], with_length(2, &names).as_slice()].concat();
    let hello = [
        &[3, 3],
        [7; 32].as_slice(),
        &with_length(1, &[]),
        &with_length(2, &[0x13, 0x01]),
        &with_length(1, &[0]),
        &with_length(2, &extension),
    ]
    .concat();
    let message = [&[1], with_length(3, &hello).as_slice()].concat();
    [&[22, 3, 1], with_length(2, &message).as_slice()].concat()
}

/// Returns `bytes` behind their length, which takes `size` bytes.
fn with_length(size: usize, bytes: &[u8]) -> Vec<u8> {
    let length = u64::try_from(bytes.len()).unwrap().to_be_bytes();
    [&length[length.len() - size..], bytes].concat()
}
