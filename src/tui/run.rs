//! The loop: waits for one of {key, event, figures, time, signal}, drains what else is ready, updates, runs effects, draws once.

use std::collections::VecDeque;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::Zoned;
use ratatui::layout::Rect;
use tokio::sync::mpsc;

use crate::app::msg::Mouse;
use crate::app::{App, Effect, Msg, Panel, StartUp, update};
use crate::bus::{Command, Event};
use crate::config::Notify;
use crate::engine::Handle;
use crate::logging::WireLog;

use super::attention::sequence;
use super::effects::{Effects, ForLoop, load_sites};
use super::format::Clock;
use super::handover::{Guest, changed, sleep, wait_for};
use super::input::Input;
use super::layout::Plan;
use super::pace::{Pace, Stale};
use super::setup::Setup;
use super::signals::{Signalled, Signals};
use super::terminal::Terminal;
use super::theme::{Depth, Theme, is_light};
use super::view::{Scene, draw, window_title};

/// Events that are taken in one go, and how long that may take, before keys have their turn again.
const DRAIN: usize = 512;
const DRAIN_TIME: Duration = Duration::from_millis(4);
/// How long servers are given to say goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

/// Opens the panes and returns when the person quits.
///
/// # Errors
/// Where there is no terminal, or it or the engine fails. The terminal is restored before this returns.
pub fn run(setup: Setup) -> anyhow::Result<ExitCode> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        anyhow::bail!("the panes need a terminal; `ftpane ls`, `get` and `put` work without one");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(panes(setup));
    // A check of a hanging mount must not hold the program.
    runtime.shutdown_background();
    outcome
}

async fn panes(setup: Setup) -> anyhow::Result<ExitCode> {
    let mut scratch = tempfile::Builder::new();
    scratch.prefix("ftpane-");
    #[cfg(unix)]
    scratch.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let scratch = scratch.tempdir().context("cannot make a private directory for files being edited")?;
    let mut terminal = Terminal::take(setup.mouse).context("cannot use the terminal")?;
    let (cols, rows) = terminal.size()?;
    let start = StartUp {
        left: setup.left,
        right: setup.right,
        scratch: scratch.path().to_owned(),
        screen: Plan::of(&App::default(), Rect::new(0, 0, cols, rows)).screen(),
        sites: load_sites(&setup.paths),
        mouse: setup.mouse,
        preferences: setup.preferences,
    };
    let (mut app, begin) = App::new(start);
    app.ambience = setup.ambience;
    let env = |name: &str| std::env::var(name).ok();
    let name = setup.theme.unwrap_or_else(|| if is_light(env) { "light".to_owned() } else { "dark".to_owned() });
    let theme = Theme::built_in(&name, Depth::from_env(env));
    show(&mut terminal, &app, &theme)?;
    let engine = (setup.engine)()?;
    let (replies, answers) = mpsc::unbounded_channel();
    let effects = Effects::new(engine.commands.clone(), replies, setup.paths, (setup.dress, setup.servers))?;
    let mut ui = Ui {
        app,
        terminal,
        theme,
        engine,
        answers,
        effects,
        signals: Signals::new()?,
        guest: None,
        guests: VecDeque::new(),
        editor: setup.editor,
        notify: setup.notify,
        log: setup.log,
        begun: Instant::now(),
        pace: Pace::new(Instant::now()),
        exit: None,
    };
    ui.perform(begin).await?;
    let outcome = ui.go_on().await;
    // Who quits was asked; who was ended from outside was not.
    let ended = ui.exit.is_none_or(|code| code > 128);
    let unsent = ended && ui.app.edits.iter().any(|edit| edit.fetched.is_some());
    ui.end().await;
    if unsent {
        let kept = scratch.keep();
        // With the terminal gone nobody reads it.
        let _ =
            writeln!(io::stderr(), "ftpane: a file was being edited and is not back on its server; the copy is kept in {}", kept.display());
    }
    outcome
}

struct Ui {
    app: App,
    terminal: Terminal,
    theme: Theme,
    engine: Handle,
    answers: mpsc::UnboundedReceiver<Msg>,
    effects: Effects,
    signals: Signals,
    guest: Option<Guest>,
    /// Programs that want the terminal while another has it.
    guests: VecDeque<ForLoop>,
    editor: Option<String>,
    notify: Notify,
    log: Option<WireLog>,
    begun: Instant,
    pace: Pace,
    exit: Option<u8>,
}

/// What woke the loop.
enum Wake {
    Input(Option<io::Result<Input>>),
    Answer(Msg),
    Event(Option<Event>),
    Figures,
    Time,
    Signal(Signalled),
    GuestEnded(io::Result<std::process::ExitStatus>),
}

impl Ui {
    async fn go_on(&mut self) -> anyhow::Result<ExitCode> {
        loop {
            let wake = self.wait().await;
            self.feed(Msg::Time(self.begun.elapsed().as_millis() as u64)).await?;
            self.woken(wake).await?;
            self.drain().await?;
            if let Some(code) = self.exit {
                return Ok(ExitCode::from(code));
            }
            self.fit().await?;
            self.draw_if_due()?;
        }
    }

    /// Sleeps until something happens.
    async fn wait(&mut self) -> Wake {
        let tick = self.app.needs_tick().map(|at| self.begun + Duration::from_millis(at));
        let frame = if self.terminal.is_handed_over() { None } else { self.pace.due() };
        let until = [tick, frame].into_iter().flatten().min();
        tokio::select! {
            biased;
            input = self.terminal.next() => Wake::Input(input),
            signal = self.signals.next() => Wake::Signal(signal),
            ended = wait_for(&mut self.guest) => Wake::GuestEnded(ended),
            Some(answer) = self.answers.recv() => Wake::Answer(answer),
            event = self.engine.events.recv() => Wake::Event(event),
            Ok(()) = self.engine.meters.changed() => Wake::Figures,
            () = sleep_until(until) => Wake::Time,
        }
    }

    async fn woken(&mut self, wake: Wake) -> anyhow::Result<()> {
        match wake {
            Wake::Input(Some(input)) => self.input(input?).await,
            // The terminal is gone; SIGHUP comes with that.
            Wake::Input(None) => {
                self.exit = Some(129);
                Ok(())
            }
            Wake::Answer(msg) => {
                self.pace.note(Stale::Now);
                self.feed(msg).await
            }
            Wake::Event(Some(event)) => self.event(event).await,
            Wake::Event(None) => anyhow::bail!("the engine ended unexpectedly"),
            Wake::Figures => self.figures().await,
            Wake::Time => {
                if self.app.needs_tick().is_none_or(|at| self.begun.elapsed().as_millis() as u64 >= at) {
                    self.pace.note(Stale::Now);
                }
                Ok(())
            }
            Wake::Signal(signal) => self.signalled(signal),
            Wake::GuestEnded(ended) => self.guest_ended(ended).await,
        }
    }

    /// Takes what else is ready, so that a burst of events costs one frame; but not for so long that a key would be felt to wait.
    async fn drain(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        for _ in 0..DRAIN {
            if self.exit.is_some() || begun.elapsed() > DRAIN_TIME {
                break;
            }
            if let Ok(msg) = self.answers.try_recv() {
                self.pace.note(Stale::Now);
                self.feed(msg).await?;
            } else if let Ok(event) = self.engine.events.try_recv() {
                self.event(event).await?;
            } else {
                break;
            }
        }
        Ok(())
    }

    async fn input(&mut self, input: Input) -> anyhow::Result<()> {
        self.pace.note(Stale::Now);
        match input {
            Input::Key(key) => self.feed(Msg::Key(key)).await,
            Input::Paste(text) => self.feed(Msg::Paste(text)).await,
            Input::Mouse { kind, at, ctrl, shift } => {
                let hit = self.plan()?.hit(&self.app, at.0, at.1);
                self.feed(Msg::Mouse(Mouse { kind, hit, at, ctrl, shift })).await
            }
            Input::Focus(has_it) => self.feed(Msg::Focus(has_it)).await,
            // `fit` tells the app, and the next frame asks the terminal.
            Input::Resize => Ok(()),
        }
    }

    async fn event(&mut self, event: Event) -> anyhow::Result<()> {
        if let (Event::Wire(line), Some(log)) = (&event, &mut self.log) {
            log.write(line);
        }
        let shown = !matches!(event, Event::Wire(_)) || self.app.panel == Some(Panel::Log);
        self.pace.note(if shown { Stale::Events } else { Stale::No });
        self.feed(Msg::Engine(event)).await
    }

    async fn figures(&mut self) -> anyhow::Result<()> {
        let meters = self.engine.meters.borrow_and_update().clone();
        if meters != self.app.meters {
            self.pace.note(Stale::Figures);
            self.feed(Msg::Meters(meters)).await?;
        }
        Ok(())
    }

    /// Updates the machine and does what it asks for.
    async fn feed(&mut self, msg: Msg) -> anyhow::Result<()> {
        let effects = update(&mut self.app, msg);
        self.perform(effects).await
    }

    async fn perform(&mut self, effects: Vec<Effect>) -> anyhow::Result<()> {
        for effect in effects {
            if let Some(work) = self.effects.run(effect) {
                Box::pin(self.do_here(work)).await?;
            }
        }
        Ok(())
    }

    async fn do_here(&mut self, work: ForLoop) -> anyhow::Result<()> {
        match work {
            // A file that was fetched to be edited while the person is in the shell waits for its end.
            ForLoop::Edit(_) | ForLoop::Shell(_) if self.guest.is_some() => self.guests.push_back(work),
            ForLoop::Edit(file) => match self.lend(|editor| Guest::editor(&file, editor)) {
                Ok(()) => {}
                Err(trouble) => self.feed(Msg::Edited { file, changed: Err(trouble) }).await?,
            },
            ForLoop::Shell(directory) => {
                if let Err(trouble) = self.lend(|_| Guest::shell(directory.as_deref())) {
                    self.feed(Msg::Trouble(trouble)).await?;
                }
            }
            ForLoop::Suspend => {
                self.terminal.hand_over();
                sleep().await;
                self.take_back()?;
            }
            ForLoop::Clipboard(text) => self.terminal.copy(&text)?,
            ForLoop::Notify(text) => self.terminal.notify(&sequence(self.notify, &text, |name| std::env::var(name).ok()))?,
            ForLoop::Mouse(on) => self.terminal.set_mouse(on)?,
            ForLoop::Quit => self.exit = Some(self.exit.unwrap_or(0)),
        }
        Ok(())
    }

    /// Lends the terminal to a program; where it cannot be started the terminal is ours again at once.
    fn lend(&mut self, start: impl FnOnce(Option<&str>) -> Result<Guest, String>) -> Result<(), String> {
        self.terminal.hand_over();
        match start(self.editor.as_deref()) {
            Ok(guest) => {
                self.guest = Some(guest);
                Ok(())
            }
            Err(trouble) => {
                self.take_back().map_err(|error| error.to_string())?;
                Err(trouble)
            }
        }
    }

    fn take_back(&mut self) -> anyhow::Result<()> {
        self.pace.note(Stale::Now);
        self.terminal.take_back().context("cannot take the terminal back")
    }

    async fn guest_ended(&mut self, ended: io::Result<std::process::ExitStatus>) -> anyhow::Result<()> {
        let guest = self.guest.take();
        self.take_back()?;
        match guest {
            Some(Guest::Editor { file, before, name, .. }) => {
                let changed = changed(&file, &before, &name, ended);
                self.feed(Msg::Edited { file, changed }).await?;
            }
            Some(Guest::Shell(_)) | None => {}
        }
        match self.guests.pop_front() {
            Some(next) => Box::pin(self.do_here(next)).await,
            None => Ok(()),
        }
    }

    fn signalled(&mut self, signal: Signalled) -> anyhow::Result<()> {
        match signal {
            // Ctrl-C in an editor or a shell is meant for that.
            Signalled::End(130) if self.guest.is_some() => Ok(()),
            Signalled::End(code) => {
                self.exit = Some(code);
                Ok(())
            }
            Signalled::Woken if self.guest.is_some() => Ok(()),
            Signalled::Woken => {
                self.terminal.hand_over();
                self.take_back()
            }
        }
    }

    fn plan(&self) -> io::Result<Plan> {
        let (cols, rows) = self.terminal.size()?;
        Ok(Plan::of(&self.app, Rect::new(0, 0, cols, rows)))
    }

    /// Tells the app the sizes where they changed: by a resize, a panel, a dialog.
    async fn fit(&mut self) -> anyhow::Result<()> {
        let screen = self.plan()?.screen();
        if screen != self.app.screen {
            self.feed(Msg::Resized(screen)).await?;
        }
        Ok(())
    }

    fn draw_if_due(&mut self) -> anyhow::Result<()> {
        if self.terminal.is_handed_over() || self.pace.due().is_none_or(|due| due > Instant::now()) {
            return Ok(());
        }
        show(&mut self.terminal, &self.app, &self.theme)?;
        self.pace.drawn(Instant::now());
        Ok(())
    }

    /// Gives the terminal back at once, then lets saves finish and servers hear a goodbye.
    async fn end(mut self) {
        self.terminal.hand_over();
        self.effects.finish();
        drop(self.engine.commands.send(Command::Shutdown));
        let ended = async {
            while let Some(event) = self.engine.events.recv().await {
                if let (Event::Wire(line), Some(log)) = (event, &mut self.log) {
                    log.write(&line);
                }
            }
        };
        // Servers that do not answer are left.
        drop(tokio::time::timeout(FAREWELL, ended).await);
    }
}

fn show(terminal: &mut Terminal, app: &App, theme: &Theme) -> anyhow::Result<()> {
    let clock = Clock::at(Zoned::now());
    terminal.set_title(&window_title(app))?;
    terminal.draw(|frame| draw(&Scene { app, theme, clock: &clock }, frame))?;
    Ok(())
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
