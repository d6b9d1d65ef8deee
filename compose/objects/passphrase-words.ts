/** 256 plain words for passphrases: eight bits each. */
export const WORDS: readonly string[] = `
  acorn actor album alley amber ankle apple april apron arrow aspen attic autumn badge bagel baker
  bamboo barley barrel basil basket beach beaver berry birch bishop blossom bonnet border bottle boulder branch
  bread breeze bridge bronze brook brush bucket butter button cabin cactus camel candle canoe canvas canyon
  carbon carpet carrot castle cedar cellar cement cereal chalk cherry chess chimney cider cinema circle citrus
  clay cliff clock cloud coast cobalt coffee comet compass copper coral corner cotton cousin coyote crane
  crater cricket crown crystal curtain cushion desert dinner doctor dolphin donkey drum eagle early earth easel
  echo elder ember engine fabric family farmer feather fennel ferry fiddle field finger flame flint flower
  flute forest fossil fountain frost galaxy garden garlic ginger glacier globe goose grape gravel guitar hammer
  harvest hazel hedge helmet heron hockey honey horse ice indigo island ivory jacket jungle kettle kitchen
  kitten ladder lagoon lantern laurel lemon lentil letter linen lizard locket lotus lumber magnet mango maple
  marble market meadow melon mill mirror monkey mosaic moss mountain muffin museum mustard napkin nectar needle
  north nugget oasis ocean olive orange otter oven oxygen paper parade parrot pasta pebble pencil pepper
  pigeon pilot pine planet plum pocket poem pond poplar potato prairie pumpkin puzzle quartz quilt radio
  raven ribbon ridge river robin rose saddle saffron sailor salmon saturn scarf school season shadow shell
  silver slate snow soda spider summer sunset table tailor temple thunder ticket tiger timber tower tulip
  tunnel turnip valley vanilla velvet village violet violin walnut water whale willow window winter wizard zebra
`
  .trim()
  .split(/\s+/);
