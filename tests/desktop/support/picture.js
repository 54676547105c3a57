import { writeFile } from 'node:fs/promises';
import { crc32, deflateSync } from 'node:zlib';

/** Where the numbers of an XWD header are (X11/XWDFile.h); each is 32 bits, big-endian. */
const XWD = { headerSize: 0, width: 16, height: 20, bytesPerLine: 48, colours: 76, length: 100 };
const XWD_COLOUR = 12;

/** An empty window has one. */
const FEW_COLOURS = 40;

/** A rectangle of pixels, three bytes each: red, green, blue. */
export class Picture {
  constructor(width, height, pixels) {
    Object.assign(this, { width, height, pixels });
  }

  /**
   * Decodes what Xvfb keeps in its `-fbdir` file: 32 bits a pixel, blue first.
   *
   * @param {(length: number, position: number) => Buffer} read
   * @param {{ left: number, top: number, width: number, height: number }} [part] all of it unless told
   */
  static fromXwd(read, part) {
    const header = read(XWD.length, 0);
    const number = (field) => header.readUInt32BE(XWD[field]);
    const whole = { left: 0, top: 0, width: number('width'), height: number('height') };
    const { left, top, width, height } = part ?? whole;
    const line = number('bytesPerLine');
    const start = number('headerSize') + number('colours') * XWD_COLOUR;
    const raw = read(line * height, start + line * top);
    const pixels = Buffer.alloc(width * height * 3);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = y * line + (left + x) * 4;
        const to = (y * width + x) * 3;
        pixels[to] = raw[from + 2];
        pixels[to + 1] = raw[from + 1];
        pixels[to + 2] = raw[from];
      }
    }
    return new Picture(width, height, pixels);
  }

  /** Pictures of one size beside and below each other. */
  static grid(rows) {
    const [[{ width, height }]] = rows;
    const columns = rows[0].length;
    const whole = new Picture(
      width * columns,
      height * rows.length,
      Buffer.alloc(width * columns * height * rows.length * 3),
    );
    rows.forEach((row, y) => row.forEach((picture, x) => whole.#paste(picture, x * width, y * height)));
    return whole;
  }

  /** A part of it. */
  crop({ left, top, width, height }) {
    const rows = Array.from({ length: height }, (_, row) => {
      const start = ((top + row) * this.width + left) * 3;
      return this.pixels.subarray(start, start + width * 3);
    });
    return new Picture(width, height, Buffer.concat(rows));
  }

  /** How many of its pixels differ from those of another of the same size. */
  difference({ pixels: others }) {
    const { pixels } = this;
    let count = 0;
    for (let at = 0; at < pixels.length; at += 3) {
      if (pixels[at] !== others[at] || pixels[at + 1] !== others[at + 1] || pixels[at + 2] !== others[at + 2])
        count++;
    }
    return count;
  }

  /** Whether there is text in it: its smooth edges alone have more colours than an empty window and its frame. */
  hasText() {
    const colours = new Set();
    for (let at = 0; at < this.pixels.length && colours.size <= FEW_COLOURS; at += 3) {
      colours.add(this.pixels.readUIntBE(at, 3));
    }
    return colours.size > FEW_COLOURS;
  }

  #paste(other, left, top) {
    for (let row = 0; row < other.height; row++) {
      const from = row * other.width * 3;
      other.pixels.copy(this.pixels, ((top + row) * this.width + left) * 3, from, from + other.width * 3);
    }
  }

  /** Saves it as PNG. */
  async save(file) {
    const rows = Array.from({ length: this.height }, (_, y) =>
      Buffer.concat([Buffer.of(0), this.pixels.subarray(y * this.width * 3, (y + 1) * this.width * 3)]),
    );
    const header = Buffer.alloc(13);
    header.writeUInt32BE(this.width, 0);
    header.writeUInt32BE(this.height, 4);
    header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB.
    const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
    const data = deflateSync(Buffer.concat(rows), { level: 9 });
    const chunks = [chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))];
    await writeFile(file, Buffer.concat([signature, ...chunks]));
  }
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
