//! One control connection: walks the steps, answers by rules what they do not wait for.

use super::Shared;
use super::data::{Data, replace};
use super::line::{Line, Manner};
use super::record::Notes;
use super::steps::{Act, Step, Times};
use super::text::{matches, show, show_pattern};
use socket2::SockRef;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

/// How long a client may take to send what a `C:` line waits for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a waiting session looks whether the test is over.
const TICK: Duration = Duration::from_millis(20);
/// No command is longer.
const MOST_BYTES: usize = 64 * 1024;

/// Why a session ends before its last step.
pub enum End {
    /// The script said so, or something went against it (which is noted).
    Closed,
    /// The client closed, or the test is over.
    Gone,
}

/// A control connection with its data connection.
pub struct Session<'a> {
    shared: &'a Shared,
    number: usize,
    stream: Line,
    unread: Vec<u8>,
    data: Data<'a>,
    /// Where `stand` has put it.
    place: Vec<u8>,
}

impl<'a> Session<'a> {
    pub fn new(shared: &'a Shared, number: usize, stream: TcpStream) -> Session<'a> {
        let _ = stream.set_nonblocking(false);
        let _ = stream.set_nodelay(true);
        let _ = stream.set_read_timeout(Some(TICK));
        let _ = stream.set_write_timeout(Some(TICK));
        let host = stream.local_addr().expect("a connected socket").ip();
        let data = Data::new(&shared.notes, &shared.stop, number, host);
        Session { shared, number, stream: Line::Plain(stream), unread: Vec::new(), data, place: Vec::new() }
    }

    /// Plays the connection's section and closes.
    pub fn play(mut self) {
        let sections = &self.shared.script.sections;
        let Some(steps) = sections.get(self.number - 1).or(sections.last()) else {
            return;
        };
        if let Ok(()) = self.steps(steps) {
            self.close();
        }
    }

    fn notes(&self) -> &'a Notes {
        &self.shared.notes
    }

    fn steps(&mut self, steps: &[Step]) -> Result<(), End> {
        steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Step) -> Result<(), End> {
        match &step.act {
            Act::Expect(pattern) => self.expect(pattern, &step.line),
            Act::Say { bytes, times } => self.say(bytes, *times),
            Act::Delay(time) => {
                thread::sleep(*time);
                Ok(())
            }
            Act::Serve { until } => self.serve(until.as_deref()),
            Act::Stand(place) => {
                self.place.clone_from(place);
                Ok(())
            }
            Act::Stall => {
                self.notes().event(self.number, "silent from here on");
                while self.command(Instant::now() + super::LIMIT)?.is_some() {}
                Err(End::Gone)
            }
            Act::Drop => {
                self.close();
                Err(End::Closed)
            }
            Act::Tls(manner) => self.secure(*manner),
            Act::Reset => {
                self.notes().event(self.number, "reset");
                let _ = SockRef::from(self.stream.socket()).set_linger(Some(Duration::ZERO));
                Err(End::Closed)
            }
            Act::Data(act) => {
                let done = self.data.act(act, self.stream.socket());
                done.map_err(|problem| self.fail(format!("{problem}, at {}", step.line)))
            }
        }
    }

    /// The TLS handshake on the control connection. A client that does not like it is gone.
    fn secure(&mut self, manner: Manner) -> Result<(), End> {
        if !self.unread.is_empty() {
            return Err(self.fail("the client says something before TLS is there".to_owned()));
        }
        let socket = self.stream.socket().try_clone().expect("a socket");
        match Line::Plain(socket).secure(manner) {
            Ok((line, how)) => {
                self.stream = line;
                self.data.tls = Some(manner);
                self.notes().event(self.number, &how);
                Ok(())
            }
            Err(why) => Err(self.gone(&why)),
        }
    }

    /// Waits for a command that fits, answering others by the rules.
    fn expect(&mut self, pattern: &[u8], line: &str) -> Result<(), End> {
        let end = Instant::now() + PATIENCE;
        loop {
            let Some(command) = self.command(end)? else {
                return Err(self.fail(format!("nothing came in {PATIENCE:?}; expected {line}")));
            };
            if matches(pattern, &command) {
                return Ok(());
            }
            if !self.answer(&command)? {
                let (want, got) = (show_pattern(pattern), show(&command));
                return Err(self.fail(format!("expected {want}, got {got}, at {line}")));
            }
        }
    }

    /// Answers by the rules until the client leaves, or a command fits `until`.
    fn serve(&mut self, until: Option<&[u8]>) -> Result<(), End> {
        let end = Instant::now() + super::LIMIT;
        while let Some(command) = self.command(end)? {
            if until.is_some_and(|pattern| matches(pattern, &command)) {
                return Ok(());
            }
            if !self.answer(&command)? {
                return Err(self.fail(format!("no rule answers {}", show(&command))));
            }
        }
        Err(self.fail(format!("the client is still here after {:?}", super::LIMIT)))
    }

    /// Plays the first rule that fits and is not used up; false when there is none.
    fn answer(&mut self, command: &[u8]) -> Result<bool, End> {
        let shared = self.shared;
        let placed = [command, b" @ ", &self.place].concat();
        for (rule, used) in shared.script.rules.iter().zip(&shared.used) {
            let here = rule.connection.is_none_or(|number| number == self.number);
            if !here || !(matches(&rule.pattern, command) || matches(&rule.pattern, &placed)) {
                continue;
            }
            let before = used.fetch_add(1, Ordering::SeqCst);
            if rule.times.is_none_or(|times| before < times) {
                self.steps(&rule.steps)?;
                return Ok(true);
            }
        }
        if command.starts_with(b"AUTH ") {
            // Most scripts are about something else.
            self.say(b"502 No TLS here\r\n", Times::Some(1))?;
            return Ok(true);
        }
        Ok(false)
    }

    /// The next command without its line end; `None` when the time is up.
    fn command(&mut self, end: Instant) -> Result<Option<Vec<u8>>, End> {
        let mut block = [0; 4096];
        loop {
            if let Some(at) = self.unread.iter().position(|&byte| byte == b'\n') {
                let mut line: Vec<u8> = self.unread.drain(..=at).collect();
                line.pop();
                line.pop_if(|byte| *byte == b'\r');
                self.notes().command(self.number, &line);
                let command = without_telnet(&line);
                self.data.remember_active(command);
                return Ok(Some(command.to_vec()));
            }
            if self.unread.len() > MOST_BYTES {
                return Err(self.fail(format!("a command of more than {MOST_BYTES} bytes")));
            }
            match self.stream.read(&mut block) {
                Ok(0) => return Err(self.gone("the client closed")),
                Ok(len) => self.unread.extend_from_slice(&block[..len]),
                Err(error) if waits(&error) => {
                    if self.shared.stopped() {
                        return Err(End::Gone);
                    }
                    if Instant::now() >= end {
                        return Ok(None);
                    }
                }
                Err(error) => return Err(self.gone(&format!("the client is gone: {error}"))),
            }
        }
    }

    fn say(&mut self, bytes: &[u8], times: Times) -> Result<(), End> {
        let bytes = replace(&self.data.fill_in(bytes), b"{place}", &self.place);
        let count = match times {
            Times::Some(1) => {
                self.notes().reply(self.number, &bytes);
                1
            }
            Times::Some(count) => {
                self.notes().event(self.number, &format!("< {count} times {}", show(&bytes)));
                count
            }
            Times::Forever => {
                self.notes().event(self.number, &format!("< without end {}", show(&bytes)));
                u64::MAX
            }
        };
        // Many go out in blocks: millions of small writes would be the test's time.
        let at_once = (64 * 1024 / bytes.len().max(1)).max(1);
        let block = bytes.repeat(at_once.min(usize::try_from(count).unwrap_or(usize::MAX)));
        let mut left = count;
        while left > 0 {
            let now = left.min(at_once as u64);
            self.write(&block[..now as usize * bytes.len()])?;
            left -= now;
        }
        Ok(())
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), End> {
        let end = Instant::now() + PATIENCE;
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(len) => bytes = &bytes[len..],
                Err(error) if waits(&error) => {
                    if self.shared.stopped() || Instant::now() >= end {
                        return Err(self.gone("the client does not read"));
                    }
                }
                Err(error) => return Err(self.gone(&format!("the client is gone: {error}"))),
            }
        }
        Ok(())
    }

    /// Ends the connection as a server does: what was sent arrives, then the end. Closing with commands
    /// unread would send a reset instead.
    fn close(&mut self) {
        self.notes().event(self.number, "closed by the server");
        self.stream.say_end();
        let _ = self.stream.socket().shutdown(Shutdown::Write);
        let _ = self.stream.socket().set_nonblocking(true);
        let mut block = [0; 4096];
        while matches!(self.stream.read(&mut block), Ok(len) if len > 0) {}
    }

    fn gone(&self, why: &str) -> End {
        self.notes().event(self.number, why);
        End::Gone
    }

    fn fail(&self, what: String) -> End {
        // Once the test is over, nothing more is expected of the client.
        if !self.shared.stopped() {
            self.notes().fail(self.number, what);
        }
        End::Closed
    }
}

/// Whether a read or write only timed out.
pub fn waits(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// A command without the Telnet "interrupt process" and "synch" that may precede ABOR (RFC 959 §4.1.3).
fn without_telnet(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|byte| !matches!(byte, 0xff | 0xf4 | 0xf2)).unwrap_or(line.len());
    &line[start..]
}
