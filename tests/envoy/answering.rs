//! Destinations of connections: servers that say their own name to everyone who says anything.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// Starts a server that lasts as long as the test, and returns its port.
pub(crate) fn serve(name: &str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let name = name.to_owned();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, &name);
        }
    });
    port
}

/// What was said has to be read, or the answer is lost when the connection is closed.
fn answer(mut stream: TcpStream, name: &str) {
    let mut heard = [0; 1024];
    if stream.read(&mut heard).is_ok() {
        let _ = stream.write_all(name.as_bytes());
    }
}
