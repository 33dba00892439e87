// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell text is what is tested
import { describe, expect, it } from 'vitest';
import { bash, each, exec, lines } from './facts.ts';

describe('ruin is seen however it is spelled', () => {
  it.each(
    lines(`
      rm -rf /
      rm -r -f /
      rm -fr -- /
      rm --recursive --force /*
      rm --rec --fo /
      rm -rf //
      rm -rf /.
      rm -rf /tmp/../
      rm -rf ~
      rm -rf ~/
      rm -rf ~/*
      rm -rf "$HOME"
      rm -rf $HOME/.
      rm -rf \${HOME}
      rm -rf -- /etc
      rm -rf /home/ann
      rm -rf ../..
      rm -rf /usr/lib /nothing
      rm -rf {/,/etc}
      rm -rf /{bin,etc}
      r""m -rf /
      \\rm -rf /
      'rm' -r'f' "/"
      $'rm' -rf $'\\x2f'
      /bin/rm -rf /
      RM -rf /
      sudo rm -rf /
      sudo -u root -- rm -rf /
      doas rm -rf /
      env A=1 rm -rf /
      env -i -S 'rm -rf /'
      nohup nice -n 5 timeout -k 1 5 time -p rm -rf /
      command rm -rf /
      exec rm -rf /
      bash -c 'rm -rf /'
      sh -ec "rm -rf /"
      bash -o errexit -c 'rm -rf /'
      zsh -lc 'true; rm -rf /'
      eval rm -rf /
      eval "rm -rf /"
      xargs rm -rf /
      echo / | xargs rm -rf
      xargs -I{} sh -c {} <<< "rm -rf /"
      find / -delete
      find / -exec rm -rf {} +
      find / -name '*' -exec rm -rf {} \\;
      echo "rm -rf /" | sh
      printf 'rm -rf %s' / | sudo bash
      bash <<< 'rm -rf /'
      true && rm -rf / || true
      (rm -rf /)
      { rm -rf /; } &
      if ls; then rm -rf /; fi
      for d in / /etc; do rm -rf $d; done
      while :; do rm -rf /; done
      f() { rm -rf /; }; f
      alias ls='rm -rf /'
      trap 'rm -rf /' EXIT
      echo $(rm -rf /)
      echo "\`rm -rf /\`"
      cat <(rm -rf /)
      X=/; rm -rf $X
      A=rm; B=-rf; $A $B /
      CMD="rm -rf /"; $CMD
      cd / && rm -rf *
      cd ~; rm -rf .
      cd /; rm -rf ./*
      ssh host rm -rf /
      watch -n1 'rm -rf /'
      chmod -R 777 /
      chown -R nobody ~
      mv /home/ann /tmp/x
      docker run -v /:/host alpine true
    `),
  )('%s', command => {
    const facts = bash(command);
    expect(facts.classes).toContain('ruinous');
    expect(facts).toMatchObject({ verb: 'Exec', level: 'critical', effect: 'irreversible', inside: false });
  });

  it('sees it in here-documents, and in what a shell is fed', () => {
    for (const text of [
      'bash <<E\nrm -rf /\nE',
      'cat <<E | sh\nrm -rf /\nE',
      'cat <<-E\n\t$(rm -rf /)\n\tE',
      'r\\\nm -rf /',
    ]) {
      expect(bash(text).classes, text).toContain('ruinous');
    }
  });

  it('sees it in arguments that come without a shell', () => {
    expect(exec('rm', '-rf', '/').classes).toContain('ruinous');
    expect(exec('sudo', 'sh', '-c', 'rm -rf ~').classes).toContain('ruinous');
    expect(exec('echo', 'rm -rf /').classes).toEqual(['read']);
    expect(exec('ls', ';', 'rm', '-rf', '/').classes).toEqual(['read']);
  });

  it('still sees it where the text is no program', () => {
    for (const text of ['rm -rf / "', 'rm -rf / )', "rm -rf / '", '( rm -rf /', 'rm -rf / $[1]']) {
      expect(bash(text).classes, text).toEqual(expect.arrayContaining(['ruinous', 'opaque']));
    }
  });

  it.each([
    ...each(
      'raw-device',
      'dd if=/dev/zero of=/dev/sda\necho x > /dev/nvme0n1\nmkfs.ext4 /dev/sdb1\nmkfs -t xfs /dev/sdb\ncat x | tee /dev/disk2\nwipefs -a /dev/sda\ncp x /dev/sda',
    ),
    ...each('fork-bomb', ':(){ :|:& };:\nbomb() { bomb | bomb & }; bomb'),
    ...each(
      'terminal-server',
      'tmux kill-server\ntmux kill-ser\ntmux -S /x kill-server\ntmux kill-session -t x\ntmux new \\; kill-server',
    ),
    ...each(
      'operator',
      'hms approvals approve r-1234\nhms-tui down\nhms mode collaborate\ntmux send-keys -t 1 y',
    ),
    ...each('power', 'shutdown -h now\nreboot\nsystemctl poweroff'),
    ...each('process-all', 'kill -9 -1\nkillall node\npkill -f x'),
  ])('%s is %j', (command, classes) => {
    expect(bash(command).classes).toEqual(expect.arrayContaining(classes));
    expect(bash(command).level).toBe('critical');
  });
});
