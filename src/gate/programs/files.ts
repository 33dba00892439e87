/** Programs that change files. */
import type { Rule } from '../call.ts';
import { each, last, readsFiles, type Table, writesFiles } from './rules.ts';

const remove: Rule = call => {
  const options = call.options({ long: [] });
  const recursive = options.has('r', 'R', 'recursive');
  call.add(recursive ? 'recursive-delete' : 'delete');
  call.deletes(options.operands, recursive);
  // No operands of its own: xargs or a here-document will name them.
  if (options.operands.length === 0) call.add('unclear');
};

const copy: Rule = call => {
  const options = call.options({
    takes: 'tSgom',
    long: ['target-directory', 'suffix', 'group', 'owner', 'mode'],
  });
  const into = options.values('t', 'target-directory');
  const sources = into.length > 0 ? options.operands : options.operands.slice(0, -1);
  call.add('write');
  call.reads(...sources);
  call.writes(...(into.length > 0 ? into : last(options.operands)));
};

const move: Rule = call => {
  const options = call.options({ takes: 'tS', long: ['target-directory', 'suffix'] });
  call.add('write');
  // What is moved is gone from where it was.
  call.overhauls(...options.operands, ...options.values('t', 'target-directory'));
};

const link: Rule = call => {
  const options = call.options({ takes: 'tS', long: ['target-directory', 'suffix'] });
  call.add('write');
  call.reads(...options.operands.slice(0, 1));
  call.writes(...options.operands.slice(1), ...options.values('t', 'target-directory'));
};

/** chmod, chown, chgrp: the first operand is the mode or owner, unless --reference stands for it. */
const permissions: Rule = call => {
  // chmod's modes may look like options: -w, -x.
  const options = call.options({ long: ['reference', 'from'] });
  const recursive = options.has('R', 'recursive', 'r');
  const mode = options.operands[0];
  const files = options.has('reference') ? options.operands : options.operands.slice(1);
  call.add('permissions');
  if (recursive) call.overhauls(...files);
  else call.writes(...files);
  if (call.program === 'chmod' && mode && /^[ug]*\+[rwxX]*s|^[2467]\d{3}$/.test(mode.text))
    call.add('privilege');
};

const dd: Rule = call => {
  call.add('write');
  for (const arg of call.args) {
    const value = { ...arg, text: arg.text.slice(3) };
    if (arg.text.startsWith('of=')) call.writes(value);
    else if (arg.text.startsWith('if=')) call.reads(value);
    else if (!arg.known) call.add('unclear');
  }
};

const onDisk: Rule = call => {
  call.add('raw-device');
  call.names(...call.options().operands);
};

const listsDisks: Rule = call => {
  const options = call.options();
  if (options.has('l', 'list', 'L', 'version', 'help', 'V', 'h')) call.add('read');
  else onDisk(call);
};

const tar: Rule = call => {
  const [first] = call.args;
  // The old style has its letters without a dash: tar xzf FILE.
  const letters = first && !first.text.startsWith('-') ? first.text : '';
  const options = call.options({
    takes: 'fCTXbIgHNVLK',
    long: ['file', 'directory', 'files-from', 'use-compress-program', 'to-command'],
  });
  const does = (letter: string, name: string): boolean =>
    letters.includes(letter) || options.has(letter, name);
  if (
    options.has(
      'I',
      'use-compress-program',
      'to-command',
      'checkpoint-action',
      'rsh-command',
      'info-script',
      'F',
    )
  )
    call.add('inline-code');
  const files = options.operands.slice(letters === '' ? 0 : 1);
  const archive = letters.includes('f') ? files.slice(0, 1) : options.values('f', 'file');
  if (archive.some(arg => arg.text.includes(':'))) call.add('remote');
  if (does('t', 'list')) {
    call.add('read');
    call.reads(...archive);
  } else if (does('x', 'extract') || options.has('get')) {
    call.add('write');
    call.reads(...archive);
    const into = options.values('C', 'directory');
    call.writes(...(into.length > 0 ? into : [{ text: '.', known: true, glob: false, from: [] }]));
    if (options.has('P', 'absolute-names')) call.add('outside');
  } else {
    call.add('write');
    call.writes(...archive);
    call.reads(...(letters.includes('f') ? files.slice(1) : files));
    if (options.has('remove-files')) call.deletes(files, true);
  }
};

const rsync: Rule = call => {
  const options = call.options({
    takes: 'eTfBM',
    long: [
      'rsh',
      'exclude',
      'include',
      'exclude-from',
      'include-from',
      'files-from',
      'filter',
      'temp-dir',
      'rsync-path',
      'log-file',
    ],
  });
  const into = last(options.operands);
  call.add('write');
  if (options.has('e', 'rsh', 'rsync-path')) call.add('inline-code');
  const far = (text: string): boolean => /^[^/]+:|^rsync:/.test(text);
  if (options.operands.some(arg => far(arg.text))) call.add('network', 'remote');
  if (into.some(arg => far(arg.text))) {
    call.add('upload');
    call.names(...into);
  } else if (options.has('delete', 'delete-after', 'delete-before', 'del')) call.deletes(into, true);
  else call.writes(...into);
  call.reads(...options.operands.slice(0, -1).filter(arg => !far(arg.text)));
  if (options.has('remove-source-files')) call.add('delete');
};

const unzip: Rule = call => {
  const options = call.options({ takes: 'dxP' });
  call.reads(...options.operands.slice(0, 1));
  if (options.has('l', 'v', 't', 'Z', 'p')) call.add('read');
  else {
    call.add('write');
    const into = options.values('d');
    call.writes(...(into.length > 0 ? into : [{ text: '.', known: true, glob: false, from: [] }]));
  }
};

const patch: Rule = call => {
  const options = call.options({ takes: 'pidoFrB', long: ['input', 'directory', 'output', 'strip'] });
  call.add('write');
  call.reads(...options.values('i', 'input'));
  call.writes(...options.operands.slice(0, 1), ...options.values('d', 'o', 'directory', 'output'));
};

const compress: Rule = call => {
  const options = call.options({ takes: 'S' });
  if (options.has('c', 'l', 't', 'stdout', 'list', 'test')) {
    call.add('read');
    call.reads(...options.operands);
  } else {
    call.add('write');
    call.writes(...options.operands);
  }
};

const shred: Rule = call => {
  const options = call.options({ takes: 'nsr', long: ['iterations', 'size', 'random-source'] });
  call.add('delete');
  call.deletes(options.operands, true);
};

const truncate = writesFiles({ takes: 'sr', long: ['size', 'reference'] });

export const FILES: Table = {
  rm: remove,
  ...each('unlink rmdir trash trash-put', call => call.deletes(call.options().operands, false)),
  ...each('shred wipe srm', shred),
  ...each('cp install ditto', copy),
  mv: move,
  rename: call => call.overhauls(...call.options().operands.slice(1)),
  ln: link,
  ...each('chmod chown chgrp', permissions),
  ...each('chattr setfacl chflags xattr', call => {
    call.add('permissions');
    call.overhauls(...call.options({ takes: 'mx' }).operands);
  }),
  ...each('tee sponge', writesFiles()),
  ...each('touch mkdir mkfifo mknod', writesFiles({ takes: 'mdrt', long: ['mode', 'date', 'reference'] })),
  mktemp: call => call.add('write'),
  truncate,
  ...each('split csplit', call => {
    const { operands } = call.options({ takes: 'ablnCf' });
    call.add('write');
    call.reads(...operands.slice(0, 1));
    call.writes(...operands.slice(1));
  }),
  fallocate: writesFiles({ takes: 'lo' }),
  dd,
  ...each(
    'mkfs mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.xfs mkfs.btrfs mkfs.vfat mkfs.fat mkfs.ntfs mkfs.f2fs mkfs.exfat mke2fs mkswap wipefs blkdiscard sgdisk gdisk cfdisk partprobe badblocks hdparm newfs newfs_apfs newfs_hfs cryptsetup zpool lvremove vgremove pvremove',
    onDisk,
  ),
  ...each('fdisk parted sfdisk', listsDisks),
  diskutil: call => {
    const [sub] = call.args;
    call.sub = sub?.text ?? '';
    if (/^(?:list|info|activity)$/.test(call.sub)) call.add('read');
    else onDisk(call);
  },
  ...each('tar gtar bsdtar', tar),
  rsync,
  ...each('zip 7z 7za 7zr', call => {
    call.add('write');
    call.writes(...call.options({ takes: 'x' }).operands);
  }),
  unzip,
  ...each('gzip gunzip bzip2 bunzip2 xz unxz zstd unzstd lz4', compress),
  patch,
  ...each('dos2unix unix2dos', writesFiles()),
  ...each('vi vim nvim nano emacs ed ex pico', call => {
    call.add('write', 'inline-code');
    call.writes(...call.options({ takes: 'cSu' }).operands);
  }),
  ...each('zipinfo', readsFiles()),
};
