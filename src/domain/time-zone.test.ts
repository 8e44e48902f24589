import { expect, test } from 'vitest';
import { readTimeZone } from './time-zone.ts';

test.each([
  ['Eastern Time (US & Canada)', 'America/New_York'],
  ['Berlin', 'Europe/Berlin'],
  ["Nuku'alofa", 'Pacific/Tongatapu'],
  ['Hong Kong', 'Asia/Hong_Kong'],
  ['Mumbai', 'Asia/Kolkata'],
  ['Europe/Paris', 'Europe/Paris'],
  ['UTC', 'Etc/UTC'],
  ['+01:00', null],
  ['Atlantis', null],
  ['', null],
  [null, null],
])('%s is %s', (name, zone) => {
  expect(readTimeZone(name)).toBe(zone);
});

test('every name that Ruby on Rails lists is known', () => {
  const cities =
    'Tijuana,Chihuahua,Mazatlan,Mexico City,Monterrey,Bogota,Lima,Caracas,La Paz,Santiago,Montevideo,Puerto Rico,Azores,Dublin,Lisbon,London,Casablanca,Monrovia,Belgrade,Bratislava,Budapest,Ljubljana,Prague,Sarajevo,Skopje,Warsaw,Zagreb,Brussels,Copenhagen,Madrid,Paris,Amsterdam,Berlin,Zurich,Rome,Stockholm,Vienna,Bucharest,Cairo,Helsinki,Riga,Sofia,Tallinn,Vilnius,Athens,Istanbul,Minsk,Jerusalem,Harare,Kaliningrad,Moscow,Volgograd,Samara,Kuwait,Riyadh,Nairobi,Baghdad,Tehran,Muscat,Baku,Tbilisi,Yerevan,Kabul,Karachi,Tashkent,Dhaka,Almaty,Novosibirsk,Bangkok,Jakarta,Krasnoyarsk,Hong Kong,Urumqi,Kuala Lumpur,Singapore,Taipei,Perth,Irkutsk,Ulaanbaatar,Seoul,Tokyo,Yakutsk,Darwin,Adelaide,Melbourne,Sydney,Brisbane,Hobart,Vladivostok,Guam,Port Moresby,Magadan,Srednekolymsk,Fiji,Kamchatka,Auckland';
  expect(cities.split(',').filter((city) => readTimeZone(city) === null)).toEqual([]);
});
