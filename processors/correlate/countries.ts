// How far apart are two countries at the least? Centre and radius of each, so that what lies between them is never overestimated.

/**
 * ISO 3166-1 code, latitude and longitude of about the middle, and the distance in kilometres from there to about the farthest shore or border, rounded up.
 * Overseas parts that have a code of their own are left out of the mother country.
 */
const table = `
AD 42.5 1.5 30;AE 24 54 350;AF 34 66 800;AG 17.3 -61.8 60;AI 18.2 -63 30;AL 41 20 200;AM 40 45 220;AO -12 18 1000;AQ -85 0 2800;AR -37 -65 2000;
AS -14.3 -170.7 350;AT 47.5 14 400;AU -25 134 2300;AW 12.5 -70 30;AX 60.2 20 80;AZ 40.3 47.7 350;BA 44 18 200;BB 13.2 -59.5 30;BD 24 90 450;
BE 50.6 4.6 170;BF 12.3 -1.7 500;BG 42.7 25.3 320;BH 26 50.5 60;BI -3.4 29.9 180;BJ 9.5 2.3 420;BL 17.9 -62.8 20;BM 32.3 -64.8 30;BN 4.5 114.6 120;
BO -17 -65 950;BQ 12.2 -68.3 50;BR -10 -53 2700;BS 24.5 -76.5 500;BT 27.4 90.4 200;BW -22 24 650;BY 53.5 28 400;BZ 17.2 -88.7 180;CA 60 -97 3200;
CC -12.2 96.9 40;CD -3 23.5 1400;CF 6.6 20.5 850;CG -0.7 15 800;CH 46.8 8.2 220;CI 7.6 -5.6 480;CK -20 -159 900;CL -38 -71 2400;CM 5.7 12.7 850;
CN 36 104 2900;CO 4 -73 1200;CR 10 -84.2 350;CU 21.6 -79 700;CV 15.9 -23.9 220;CW 12.2 -69 40;CX -10.5 105.6 20;CY 35 33.2 140;CZ 49.8 15.5 320;
DE 51.1 10.4 550;DJ 11.7 42.6 150;DK 56 10.5 350;DM 15.4 -61.4 40;DO 18.9 -70.5 260;DZ 28 2.6 1350;EC -1.4 -78.4 450;EE 58.7 25.5 220;EG 26.5 29.9 850;
EH 24.2 -13 600;ER 15.4 39 600;ES 40 -3.6 1900;ET 8.6 39.6 950;FI 64.5 26.3 700;FJ -17.8 178 500;FK -51.7 -59.4 180;FM 6.9 153 1700;FO 62 -7 90;
FR 46.5 2.5 900;GA -0.6 11.8 450;GB 54 -2.5 750;GD 12.1 -61.7 50;GE 42.2 43.5 330;GF 4 -53 300;GG 49.5 -2.6 50;GH 7.9 -1.2 420;GI 36.1 -5.3 10;
GL 72 -42 1500;GM 13.5 -15.4 220;GN 10.4 -10.9 500;GP 16.2 -61.5 80;GQ 1.6 10.5 700;GR 39 23 600;GT 15.7 -90.3 300;GU 13.4 144.8 40;GW 12 -15 220;
GY 4.8 -58.9 480;HK 22.3 114.2 50;HN 14.8 -86.5 400;HR 45.1 15.5 350;HT 19 -72.7 240;HU 47.2 19.5 320;ID -2.5 118 2700;IE 53.2 -8.1 300;IL 31.4 35 260;
IM 54.2 -4.5 40;IN 22 80 2000;IO -6.3 71.9 200;IQ 33 43.7 600;IR 32.5 54.3 1250;IS 65 -18.6 350;IT 42.5 12.5 850;JE 49.2 -2.1 30;JM 18.2 -77.3 140;
JO 31.2 36.8 320;JP 37 138 2000;KE 0.5 37.9 700;KG 41.5 74.5 550;KH 12.7 104.9 350;KI -1 -165 3400;KM -11.9 43.7 180;KN 17.3 -62.7 40;KP 40.2 127.2 450;
KR 36.4 127.8 400;KW 29.3 47.6 160;KY 19.5 -80.9 160;KZ 48 67.3 1700;LA 18.5 103.8 650;LB 33.9 35.9 130;LC 13.9 -61 40;LI 47.2 9.5 20;LK 7.7 80.7 270;
LR 6.5 -9.3 350;LS -29.6 28.2 180;LT 55.3 23.9 250;LU 49.8 6.1 60;LV 56.9 24.9 280;LY 27 18 1050;MA 31.8 -7 900;MC 43.7 7.4 10;MD 47.2 28.5 230;
ME 42.8 19.2 120;MF 18.1 -63.1 20;MG -19.4 46.7 900;MH 8 168 800;MK 41.6 21.7 130;ML 17.3 -3.5 1150;MM 21 96.5 1250;MN 46.8 103 1300;MO 22.2 113.5 20;
MP 16 146 600;MQ 14.6 -61 60;MR 20.3 -10.3 900;MS 16.7 -62.2 20;MT 35.9 14.4 40;MU -20.3 57.6 650;MV 3.7 73.4 500;MW -13.2 34.3 500;MX 23.9 -102.5 1750;
MY 3.8 109.5 1200;MZ -17.3 35.5 1200;NA -22.1 17.2 950;NC -21.3 165.7 400;NE 17.4 9.4 1000;NF -29 168 20;NG 9.6 8.1 850;NI 12.8 -85 350;NL 52.2 5.3 200;
NO 65.5 14 1100;NP 28.2 83.9 480;NR -0.5 166.9 20;NU -19 -169.9 30;NZ -41.5 172.5 1100;OM 20.6 56.1 750;PA 8.5 -80.1 400;PE -9.2 -74.4 1200;
PF -15 -144 1600;PG -6.5 147 1200;PH 12 122.9 1100;PK 30 69.3 1050;PL 52.1 19.4 480;PM 46.9 -56.3 40;PN -24.7 -127.8 400;PR 18.2 -66.5 160;PS 31.9 35.1 130;
PT 39.6 -8 2000;PW 7 134 600;PY -23.2 -58.4 650;QA 25.3 51.2 120;RE -21.1 55.5 50;RO 45.9 25 450;RS 44 20.8 300;RU 62 97 4600;RW -2 29.9 150;
SA 24.1 44.5 1250;SB -8.9 159.6 1000;SC -6.5 52.5 1100;SD 16 30 1150;SE 62.8 16.7 850;SG 1.35 103.8 40;SH -16 -5.7 2500;SI 46.1 14.8 160;SJ 78.5 18 700;
SK 48.7 19.5 230;SL 8.6 -11.8 230;SM 43.9 12.5 15;SN 14.4 -14.5 450;SO 5.8 46 1000;SR 4.1 -55.9 330;SS 7.3 30.3 750;ST 0.7 6.9 150;SV 13.7 -88.9 160;
SX 18 -63.1 20;SY 35 38.5 450;SZ -26.6 31.5 110;TC 21.8 -71.8 100;TD 15.4 18.6 1000;TG 8.5 1 330;TH 15 101 1000;TJ 38.5 71 450;TK -9 -172 150;
TL -8.8 126 200;TM 39.1 59.4 700;TN 34.1 9.6 480;TO -20 -175 600;TR 39.1 35.2 900;TT 10.5 -61.3 120;TV -8 178.5 500;TW 23.7 121 350;TZ -6.3 34.8 800;
UA 49 31.4 850;UG 1.3 32.4 400;US 45 -110 6000;UY -32.8 -56 350;UZ 41.8 63.1 900;VA 41.9 12.5 5;VC 13.1 -61.2 80;VE 7.1 -66.2 900;VG 18.5 -64.5 60;
VI 18 -64.8 70;VN 16.5 106.3 1050;VU -16.2 167.7 600;WF -13.9 -177.3 250;WS -13.8 -172.2 120;XK 42.6 20.9 90;YE 15.9 47.6 800;YT -12.8 45.1 40;
ZA -29 25 1050;ZM -13.5 27.8 850;ZW -19 29.9 550`

interface Circle {
  readonly latitude: number
  readonly longitude: number
  readonly radius: number
}

const circles: ReadonlyMap<string, Circle> = new Map(
  table.split(';').map((entry) => {
    const [code = '', latitude, longitude, radius] = entry.trim().split(' ')
    return [code, { latitude: Number(latitude), longitude: Number(longitude), radius: Number(radius) }]
  }),
)

const EARTH_RADIUS_KM = 6_371
const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** Kilometres that lie between two countries at the least; 0 for neighbours and where a code is unknown. */
export function leastDistance(one: string, other: string): number {
  const a = circles.get(one)
  const b = circles.get(other)
  if (a === undefined || b === undefined || one === other) return 0
  const half = (from: number, to: number) => Math.sin(radians(to - from) / 2) ** 2
  const chord =
    half(a.latitude, b.latitude) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * half(a.longitude, b.longitude)
  const distance = 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord)))
  return Math.max(0, distance - a.radius - b.radius)
}
